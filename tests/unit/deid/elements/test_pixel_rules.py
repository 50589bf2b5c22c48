"""Which instances need their pixels changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.profile import ElementSpec, Mask, Profile, Project, Rectangle
from philae.dicom.tags import parse_tag_pattern
from tests.support.engine import BASIC, CT, NOW, SECRET, instance
from tests.support.golden import golden
from tests.support.trees import Element, encoded, text

PIXELS = Element(0x7FE00010, "OW", b"\0\0")
MASKS = (Mask("*", rectangles=(Rectangle(0, 0, 9, 9),)),)
ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"
MR = "1.2.840.10008.5.1.4.1.1.4"
ANNOTATION = (parse_tag_pattern("BurnedInAnnotation"),)


def clean(condition: str | None = None) -> ElementSpec:
    return ElementSpec("Clean", "clean.pixel.data", condition)


def deface(condition: str | None = None) -> ElementSpec:
    return ElementSpec("Deface", "clean.recognizable.visual.features", condition)


def profile(*elements: ElementSpec, masks: tuple[Mask, ...] = MASKS) -> CompiledProfile:
    return compile_profile(Profile("Profile", elements=(*elements, BASIC), masks=masks), Project("P", SECRET))


def is_wanted(compiled: CompiledProfile, *elements: Element, sop_class: str = CT) -> bool:
    source = encoded(instance(*elements, sop_class=sop_class))
    order = compiled.plan(source, pseudonym="P", now=NOW).pixels
    return order is not None and order.asks


@pytest.mark.parametrize("vector", golden("running", "clean_pixel_sop"))
def test_the_same_images_are_cleaned_as_by_karnak(vector: dict[str, Any]) -> None:
    annotation = vector["burned_in_annotation"]
    said = [] if annotation is None else [text(0x00280301, "CS", annotation)]

    assert is_wanted(profile(clean()), PIXELS, *said, sop_class=vector["sop_class"]) == vector["clean"]


def test_no_pixels_no_masks_or_a_false_condition_let_pass() -> None:
    assert not is_wanted(profile(clean()), sop_class=ULTRASOUND)
    assert not is_wanted(profile(clean(), masks=()), PIXELS, sop_class=ULTRASOUND)
    assert not is_wanted(profile(clean("tagIsPresent(#Tag.Modality)")), PIXELS, sop_class=ULTRASOUND)
    assert is_wanted(profile(clean("!tagIsPresent(#Tag.Modality)")), PIXELS, sop_class=ULTRASOUND)


def test_masks_whose_condition_is_false_are_not_there() -> None:
    sometimes = Mask("*", condition="tagIsPresent(#Tag.Modality)", rectangles=MASKS[0].rectangles)
    compiled = profile(clean(), masks=(sometimes, *MASKS))
    source = encoded(instance(PIXELS, sop_class=ULTRASOUND))
    with_modality = encoded(instance(PIXELS, text(0x00080060, "CS", "US"), sop_class=ULTRASOUND))

    orders = [compiled.plan(each, pseudonym="P", now=NOW).pixels for each in (source, with_modality)]

    assert [order.masks for order in orders if order is not None] == [MASKS, (sometimes, *MASKS)]


@pytest.mark.parametrize(
    "recipe",
    [
        ElementSpec("Add", "action.add.tag", arguments=(("value", "YES"),), tags=ANNOTATION),
        ElementSpec("Set", "expression.on.tags", arguments=(("expr", "Replace('YES')"),), tags=ANNOTATION),
    ],
)
def test_the_annotation_that_the_profile_writes_counts(recipe: ElementSpec) -> None:
    said = [text(0x00280301, "CS", "NO")] if recipe.name == "Set" else []

    assert is_wanted(profile(recipe, clean()), PIXELS, *said)
    assert not is_wanted(profile(clean()), PIXELS, *said)


def test_an_annotation_that_the_profile_takes_away_still_counts() -> None:
    gone = ElementSpec("Gone", "action.on.specific.tags", action="X", tags=ANNOTATION)

    assert is_wanted(profile(gone, clean()), PIXELS, text(0x00280301, "CS", "yes"))


@pytest.mark.parametrize(
    "orientation, sop_class, wanted",
    [
        ("1\\0\\0\\0\\1\\0", CT, True),
        ("0\\0\\1\\0\\1\\0", CT, False),
        ("1\\0\\0\\0\\1", CT, False),
        ("", CT, False),
        ("1\\0\\0\\0\\1\\0", "1.2.840.10008.5.1.4.1.1.2.1", True),
        ("1\\0\\0\\0\\1\\0", "1.2.840.10008.5.1.4.1.1.20", False),
    ],
)
def test_axial_ct_may_show_a_face(orientation: str, sop_class: str, wanted: bool) -> None:
    elements = (text(0x00200037, "DS", orientation), PIXELS)

    assert is_wanted(profile(deface()), *elements, sop_class=sop_class) == wanted
    assert not is_wanted(profile(deface("tagIsPresent(#Tag.Modality)")), *elements, sop_class=sop_class)


@pytest.mark.parametrize(
    "orientation, sop_class, note",
    [
        ("0\\0\\1\\0\\1\\0", CT, "not defaced, since it is not axial"),
        ("", ULTRASOUND, "not defaced, since it is neither CT nor MR"),
        ("1\\0\\0\\0\\1\\0", CT, ""),
        ("", MR, ""),
    ],
)
def test_the_record_says_why_a_face_was_not_looked_for(orientation: str, sop_class: str, note: str) -> None:
    source = encoded(instance(text(0x00200037, "DS", orientation), PIXELS, sop_class=sop_class))

    order = profile(deface()).plan(source, pseudonym="P", now=NOW).pixels

    assert order is not None
    assert order.note == note
    assert order.defaces == (not note)


def test_mr_images_that_cannot_be_defaced_are_held_where_the_profile_wants_it() -> None:
    spec = replace(deface(), arguments=(("mr", "hold"),))
    source = encoded(instance(PIXELS, sop_class=MR))

    order = profile(spec).plan(source, pseudonym="P", now=NOW).pixels

    assert order is not None
    assert order.holds_mr


def test_frames_of_an_enhanced_ct_have_orientations_of_their_own() -> None:
    enhanced = "1.2.840.10008.5.1.4.1.1.2.1"
    karnak = compile_profile(Profile("P", elements=(deface(), BASIC)), Project("P", SECRET, compat_karnak=True))

    assert is_wanted(profile(deface()), PIXELS, sop_class=enhanced)
    assert not is_wanted(profile(deface()), PIXELS)
    assert not is_wanted(karnak, PIXELS, sop_class=enhanced)


def test_pixels_in_another_element_are_pixels_too() -> None:
    floating = Element(0x7FE00008, "OF", bytes(4))

    assert is_wanted(profile(clean()), floating, sop_class=ULTRASOUND)


def test_the_profile_tells_its_pixel_rules() -> None:
    assert [rule.name for rule in profile(clean(), deface()).pixel_rules] == ["Clean", "Deface"]
    assert [rule.name for rule in profile(clean(), deface(), masks=()).pixel_rules] == ["Deface"]
