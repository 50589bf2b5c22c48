"""What masks say beyond Karnak's keys, and how text is looked for."""

from __future__ import annotations

import pytest

from philae.deid.elements import build_element
from philae.deid.elements.clean_pixel_data import CleanPixelData
from philae.deid.errors import ProfileFaults
from philae.deid.profile import Mask, Profile, Project, Rectangle
from philae.deid.profile_file import dump_profile, load_profile

TEXT = """
name: Masks
profileElements:
  - {name: Clean, codename: clean.pixel.data, arguments: {ARGUMENTS}}
  - {name: Basic, codename: basic.dicom.profile}
masks:
  - {stationName: "*", color: "000000", MASK}
"""


def profile(mask: str = 'rectangles: ["0 0 9 9"]', arguments: str = "detect: true") -> Profile:
    return load_profile(TEXT.replace("MASK", mask).replace("ARGUMENTS", arguments))


def detects(arguments: str) -> str | None:
    element = build_element(profile(arguments=arguments).elements[0], Project("P", bytes(16)))
    assert isinstance(element, CleanPixelData)
    return element.detects


def test_a_mask_may_name_the_device_and_what_to_keep() -> None:
    loaded = profile('manufacturer: ACME, modelName: Echo 7, sopClass: Ultrasound Image Storage, keep: ["5 6 7 8"]')

    assert loaded.masks == (
        Mask(
            "*",
            manufacturer="ACME",
            model_name="Echo 7",
            sop_class_uid="1.2.840.10008.5.1.4.1.1.6.1",
            keep=(Rectangle(5, 6, 7, 8),),
        ),
    )
    assert load_profile(dump_profile(loaded)) == loaded


@pytest.mark.parametrize(
    "mask",
    [
        Mask("*", keeps_regions=True),
        Mask("*", rectangles=(Rectangle(1, 2, 3, 4),), condition="tagValueIsPresent(#Tag.ImageType, 'DERIVED')"),
    ],
)
def test_a_mask_may_keep_regions_and_have_a_condition(mask: Mask) -> None:
    written = dump_profile(Profile("P", elements=profile().elements, masks=(mask,)))

    assert load_profile(written).masks == (mask,)


def test_masks_that_differ_in_their_condition_are_for_different_images() -> None:
    first = 'rectangles: ["0 0 9 9"], condition: "tagIsPresent(#Tag.Modality)"}'

    assert len(profile(f'{first}\n  - {{stationName: "*", color: "000000", rectangles: ["0 0 5 5"]').masks) == 2


@pytest.mark.parametrize(
    "mask, message",
    [
        ("manufacturer: ACME", "or say what to keep"),
        ("keepRegions: false", "or say what to keep"),
        ("keepRegions: perhaps", "is no switch"),
        ('sopClass: Nonsense, keep: ["1 1 1 1"]', "is unknown"),
        ('rectangles: ["0 0 9 9"], condition: "nonsense("', "condition.*column"),
    ],
)
def test_a_mask_that_hides_nothing_or_names_no_class_is_refused(mask: str, message: str) -> None:
    with pytest.raises(ProfileFaults, match=message):
        profile(mask)


@pytest.mark.parametrize(
    "arguments, policy",
    [
        ("detect: true", "mask"),
        ("detect: TRUE, policy: hold", "hold"),
        ("detect: true, policy: report", "report"),
        ("detect: true, policy: report, languages: [fr, ja]", "report"),
        ("detect: false", None),
        ("", None),
    ],
)
def test_text_is_looked_for_where_that_is_wanted(arguments: str, policy: str | None) -> None:
    assert detects(arguments) == policy


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("detect: yes", "no switch"),
        ("detect: true, policy: blur", "unknown policy"),
        ("policy: mask", "add detect: true"),
        ("detect: true, languages: [fr, ru]", "ru.* cannot be read"),
        ("script: latin", "unknown argument"),
    ],
)
def test_how_text_is_looked_for_is_checked(arguments: str, message: str) -> None:
    with pytest.raises(ProfileFaults, match=message):
        profile(arguments=arguments)
