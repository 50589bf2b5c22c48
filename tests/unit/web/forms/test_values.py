from __future__ import annotations

from typing import Any

import pytest

from philae import destinations, pseudonyms
from philae.config.destination import Destination
from philae.config.secret import STORED
from philae.web.forms.fields import Field, fields_of
from philae.web.forms.labels import label_of
from philae.web.forms.values import tree_from, values_from

COMMON = fields_of(Destination, {"PseudonymSettings": pseudonyms.SETTINGS}, without=frozenset({"id", "settings"}))


def own(kind: str) -> tuple[Field, ...]:
    return fields_of(destinations.SETTINGS[kind], {}, without=frozenset({"kind"}))


@pytest.mark.parametrize(
    "kind,tree",
    [
        ("dicom", {"ae_title": "PACS", "hostname": "10.0.0.5", "port": "104", "tls": {"authority": "/ca.pem"}}),
        ("dicom", {"ae_title": "PACS", "hostname": "h", "port": "104", "tls": {"check_hostname": False}}),
        ("stow", {"url": "https://a.example/rs", "headers": {"X-One": STORED, "X-Two": "b: c"}, "look_up": True}),
        ("stow", {"url": "https://a.example/rs", "basic": {"username": "u", "password": STORED}}),
        ("sftp", {"hostname": "h", "host_key": "ssh-ed25519 A\nssh-rsa B", "username": "u", "exclude": ["*.dcm", "1.2.*"]}),
    ],
)  # fmt: skip
def test_what_a_form_shows_is_what_it_sends(kind: str, tree: dict[str, Any]) -> None:
    assert tree_from(own(kind), values_from(own(kind), tree)) == tree


@pytest.mark.parametrize(
    "tree",
    [
        {"name": "a"},
        {"name": "a", "enabled": False, "sop_classes": ["CT Image Storage", "1.2.3"]},
        {"name": "a", "deidentify": {"project": "P", "pseudonym": {"kind": "in_tag", "tag": "(0010,0020)"}}},
        {"name": "a", "deidentify": {"project": "P", "pseudonym": {"kind": "table", "ignore_issuer": False}}},
        {"name": "a", "notify": {"emails": ["a@example.org"]}, "retry": {"base_s": "1.5"}},
    ],
)
def test_what_every_destination_has_survives_the_form(tree: dict[str, Any]) -> None:
    assert tree_from(COMMON, values_from(COMMON, tree)) == tree


def test_switching_tls_on_does_not_switch_its_checks_off() -> None:
    values = values_from(own("dicom"), {}) | {"tls": "on", "tls.authority": "/ca.pem"}

    assert tree_from(own("dicom"), values)["tls"] == {"authority": "/ca.pem"}


def test_every_field_has_a_label_that_people_read() -> None:
    every = [*COMMON, *(field for kind in destinations.SETTINGS for field in own(kind))]

    assert [field.name for field in every if "_" in field.label or not field.label[0].isupper()] == []
    assert label_of("tls.something_new") == "Something new"


def test_a_secret_is_a_password_field_and_its_limits_are_those_of_the_model() -> None:
    fields = {field.name: field for field in own("sftp")}

    assert fields["password"].widget == "secret"
    assert fields["password"].required is False
    assert dict(fields["port"].limits) == {"min": 1, "max": 65535}
    assert "no other server is talked to" in fields["host_key"].hint


ALBUMS = Field(
    "albums", "Albums", "items", fields=(Field("albums.#.url", "URL", "text"), Field("albums.#.on", "On", "checkbox"))
)


def test_a_list_of_things_survives_the_form_and_empty_ones_are_left_out() -> None:
    tree = {"albums": [{"url": "https://a.example", "on": True}, {"url": "https://b.example"}]}

    values = values_from([ALBUMS], tree)

    assert tree_from([ALBUMS], values) == tree
    assert tree_from([ALBUMS], values | {"albums.count": "9"}) == tree
    assert tree_from([ALBUMS], {"albums.count": "1" * 40}) == {}


def test_several_of_some_words_are_ticked() -> None:
    field = Field("options", "Options", "several", choices=("one", "two", "three"))

    values = values_from([field], {"options": ["three", "one"]})

    assert tree_from([field], values) == {"options": ["one", "three"]}


def test_lists_of_things_in_the_configuration_have_a_form_for_each() -> None:
    albums = next(field for field in own("stow") if field.widget == "items")

    assert {field.key for field in albums.item(3)} == {field.key for field in albums.fields}
    assert all(field.name.startswith(f"{albums.name}.3.") for field in albums.item(3))
