"""The sections of a destination's form: every field in one of them, and nothing that is used folded away."""

from __future__ import annotations

import pytest

from philae import destinations, pseudonyms
from philae.config.destination import Destination
from philae.web.forms.destination_sections import TITLES, Section, sections_of
from philae.web.forms.fields import Field, fields_of
from philae.web.forms.values import values_from


def fields(kind: str) -> tuple[Field, ...]:
    common = fields_of(Destination, {"PseudonymSettings": pseudonyms.SETTINGS}, without=frozenset({"settings"}))
    return (*common, *fields_of(destinations.SETTINGS[kind], {}, without=frozenset({"kind"})))


def sections(values: dict[str, str], *faulty: str) -> dict[str, Section]:
    shape = fields("stow")
    return {each.title: each for each in sections_of(shape, {**values_from(shape, {}), **values}, faulty)}


@pytest.mark.parametrize("kind", destinations.SETTINGS)
def test_every_field_stands_in_one_section(kind: str) -> None:
    shape = fields(kind)

    shown = [field.name for section in sections_of(shape, {}, ()) for field in section.fields]

    assert sorted(shown) == sorted(field.name for field in shape)


def test_a_section_names_only_what_some_kind_has() -> None:
    known = {field.name for kind in destinations.SETTINGS for field in fields(kind)}

    assert {name for names in TITLES.values() for name in names} <= known


@pytest.mark.parametrize(
    "values,faulty,is_open",
    [
        ({}, (), False),
        ({"batch_instances": "20"}, (), False),
        ({"batch_instances": "21"}, (), True),
        ({"look_up": "on"}, (), True),
        ({}, ("batch_bytes",), True),
    ],
)
def test_what_is_said_or_wrong_is_not_folded_away(
    values: dict[str, str], faulty: tuple[str, ...], is_open: bool
) -> None:
    section = sections(values, *faulty)["Connections and requests"]

    assert (section.is_folded, section.is_open) == (True, is_open)


def test_an_album_that_is_still_empty_is_not_folded_away() -> None:
    assert sections({"kheops_albums.count": "1"})["Kheops albums"].is_open
    assert not sections({"kheops_albums.count": "0"})["Kheops albums"].is_open
