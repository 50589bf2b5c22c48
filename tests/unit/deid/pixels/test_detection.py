"""What becomes of text, whoever finds it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from philae.deid.pixels import detection
from philae.deid.pixels.detection import with_text
from philae.deid.pixels.errors import TextFound, UnusableMask
from philae.deid.pixels.loop import View
from philae.deid.pixels.masks import Area
from philae.deid.pixels.order import Detection, Policy
from philae.deid.profile import Color, Rectangle
from tests.support.images import GREY, dataset, image_of, mask_of, pixels

IMAGE = image_of(dataset(GREY, pixels(GREY)))
NAME, SCALE, BESIDE_NAME = Area(2, 10, 2, 30), Area(40, 46, 30, 60), Area(3, 9, 4, 20)
SAYS = {NAME: "D0E JOHN", SCALE: "depth 12 cm", BESIDE_NAME: "?"}


@pytest.fixture(autouse=True)
def _finder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "text_areas", lambda _view, _known: list(SAYS))
    monkeypatch.setattr(detection, "text_in", lambda _view, area: SAYS[area])


def wanted(policy: Policy = "mask", *, is_told: bool = False) -> Detection:
    return Detection(policy, ("DOE", "19570504"), is_told)


def test_all_text_is_covered_in_black_where_there_is_no_mask() -> None:
    mask, found = with_text(IMAGE, None, wanted())

    assert mask.color == (0, 0, 0)
    assert mask.rectangles == (Rectangle(2, 2, 27, 7), Rectangle(30, 40, 29, 5))
    assert found.remark == "text in 3 places of 1 views, 2 masked"


def test_text_under_the_mask_is_no_news_and_other_text_gets_its_colour() -> None:
    mask, found = with_text(IMAGE, mask_of((0, 0, 61, 20), color=Color(9, 9, 9)), wanted())

    assert mask.color == (9, 9, 9)
    assert mask.rectangles == (Rectangle(0, 0, 61, 20), Rectangle(30, 40, 29, 5))
    assert found.count == 1


def test_a_report_covers_identifiers_even_if_they_are_hard_to_read() -> None:
    mask, found = with_text(IMAGE, None, wanted("report"))

    assert mask.rectangles == (Rectangle(2, 2, 27, 7),)
    assert found.remark == "text in 3 places of 1 views, 1 masked, 1 with identifiers"


@pytest.mark.parametrize("policy, goes", [("mask", {NAME, SCALE, BESIDE_NAME}), ("report", {NAME})])
def test_what_all_frames_show_together_is_news_but_where_it_goes_anyway(
    policy: Policy, goes: set[Area], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a name that shows for a moment where a scale stands would stay."""
    known: list[set[Area] | None] = []

    def areas(_view: View, given: Sequence[Area] | None) -> list[Area]:
        known.append(None if given is None else set(given))
        return list(SAYS)

    monkeypatch.setattr(detection, "text_areas", areas)
    loop = np.random.default_rng(3).integers(0, 255, (5, 48, 62), np.uint8)

    with_text(image_of(dataset(GREY, loop)), None, wanted(policy))

    assert known == [None, None, goes, goes]


@pytest.mark.parametrize("name", ["\u0418\u0432\u0430\u043d\u043e\u0432", "\uae40\uc601\ud76c"])
def test_where_a_name_cannot_be_read_a_report_covers_all_text(name: str) -> None:
    _, found = with_text(IMAGE, None, Detection("report", ("DOE", name), is_told=False))

    assert found.remark == "text in 3 places of 1 views, 2 masked, 1 with identifiers"


@pytest.mark.parametrize(
    "printed, name, is_named",
    [
        ("MULLER", "M\u00dcLLER", True),
        ("Name: LI, Wei", "LI", True),
        ("LIVER", "LI", False),
        ("\u738b\u82b3", "\u738b\u82b3", True),
        ("DOEJOHN", "DOE", True),
    ],
)
def test_names_are_told_as_devices_print_them(
    printed: str, name: str, *, is_named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SAYS, NAME, printed)

    _, found = with_text(IMAGE, None, Detection("report", (name,), is_told=False))

    assert found.identifying == is_named


def test_holding_needs_text_that_no_mask_covers() -> None:
    everywhere = mask_of((0, 0, 61, 47))

    with pytest.raises(TextFound, match="3 places"):
        with_text(IMAGE, None, wanted("hold"))
    assert with_text(IMAGE, everywhere, wanted("hold"))[0] == everywhere


def test_who_says_that_there_is_text_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "text_areas", lambda _view, _known: [])

    with pytest.raises(UnusableMask):
        with_text(IMAGE, None, wanted(is_told=True))
    assert not with_text(IMAGE, None, wanted())[0].rectangles


def test_identifiers_do_not_show() -> None:
    assert "DOE" not in repr(wanted())
