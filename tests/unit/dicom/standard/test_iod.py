import json
from pathlib import Path
from typing import Any

import pytest

from philae.dicom.standard import dictionary, iod
from philae.dicom.standard.confidentiality import basic_profile
from philae.dicom.standard.iod import AttributeType, attribute_type, resolve
from philae.dicom.standard.uids import storage_sop_classes

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
CR = "1.2.840.10008.5.1.4.1.1.1"
GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "golden.json").read_text())
VECTORS = GOLDEN["running"]["type_resolution"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['sop_class']}-{vector['tag']}")
def test_combined_actions_come_down_to_what_karnak_does(vector: dict[str, Any]) -> None:
    tag = int(vector["tag"], 16)

    action = resolve(vector["symbol"], attribute_type(vector["sop_class"], (tag,)))

    assert action == vector["resolved"]
    row = basic_profile().row_of(tag)
    assert row is not None
    assert row.basic == vector["symbol"]


def test_the_modules_behind_each_vector_are_the_same() -> None:
    standard = iod._standard()
    for vector in VECTORS:
        modules = standard.iods[standard.sop_classes[vector["sop_class"]]]
        found = [(key, usage, standard.entry(key, (int(vector["tag"], 16),))) for key, usage in modules]

        ours = sorted([key, usage, entry.type.value] for key, usage, entry in found if entry)

        assert ours == sorted(vector["modules"])


def test_patient_name_of_a_cr_is_where_the_unit_test_expects_it() -> None:
    expected = GOLDEN["unit_test"]["standard_tables"]["patient_name_in_CR"]

    assert attribute_type(CR, (0x00100010,)) == expected["type"]


@pytest.mark.parametrize(
    "path, expected",
    [
        ((0x00081140, 0x00081155), AttributeType.REQUIRED),
        ((0x00081140, 0x00081150), AttributeType.REQUIRED),
        ((0x00081140, 0x0040A170, 0x00080100), AttributeType.CONDITIONAL),
        ((0x00081140, 0x00100010), None),
        ((0x00100010, 0x00100010), None),
        ((0x00091001,), None),
        ((), None),
    ],
)
def test_nested_attributes_are_looked_up_at_their_place(path: tuple[int, ...], expected: AttributeType | None) -> None:
    assert attribute_type(CT, path) == expected


def test_an_unknown_sop_class_has_no_types() -> None:
    assert attribute_type("1.2.3", (0x00080023,)) is None


def test_the_only_mandatory_module_decides_even_if_another_is_stricter() -> None:
    standard = iod._Standard(
        sop_classes={"1": "sample"},
        iods={"sample": (("strict", "U"), ("loose", "M"))},
        modules={"strict": 0, "loose": 1},
        nodes=({1: iod._Entry(AttributeType.REQUIRED, None)}, {1: iod._Entry(AttributeType.OPTIONAL, None)}),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iod, "_standard", lambda: standard)

        assert attribute_type("1", (1,)) is AttributeType.OPTIONAL


@pytest.mark.parametrize(
    "usages, expected",
    [
        (("M", "M", "U"), AttributeType.MAY_BE_EMPTY),
        (("U", "U", "C"), AttributeType.REQUIRED),
    ],
)
def test_of_several_the_strictest_mandatory_one_decides(usages: tuple[str, ...], expected: AttributeType) -> None:
    types = (AttributeType.MAY_BE_EMPTY, AttributeType.OPTIONAL, AttributeType.REQUIRED)
    standard = iod._Standard(
        sop_classes={"1": "sample"},
        iods={"sample": tuple((kind.value, usage) for kind, usage in zip(types, usages, strict=True))},
        modules={kind.value: index for index, kind in enumerate(types)},
        nodes=tuple({1: iod._Entry(kind, None)} for kind in types),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iod, "_standard", lambda: standard)

        assert attribute_type("1", (1,)) is expected


def test_several_entries_without_any_type_leave_the_type_unknown() -> None:
    standard = iod._Standard(
        sop_classes={"1": "sample"},
        iods={"sample": (("first", "M"), ("second", "M"))},
        modules={"first": 0, "second": 0},
        nodes=({1: iod._Entry(AttributeType.OTHER, None)},),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iod, "_standard", lambda: standard)

        assert attribute_type("1", (1,)) is None


@pytest.mark.parametrize(
    "symbol, by_type",
    [
        ("Z/D", "DDZZZZD"),
        ("X/D", "DDDDXXD"),
        ("X/Z/D", "DDZZXXD"),
        ("X/Z", "XXZZXXZ"),
        ("X/Z/U", "UUZZXXU"),
        ("X/Z/U*", "UUZZXXU"),
        ("X", "XXXXXXX"),
    ],
)
def test_each_combination_has_one_action_per_type(symbol: str, by_type: str) -> None:
    types = [*AttributeType, None]

    assert "".join(resolve(symbol, kind) for kind in types) == by_type


def test_only_sequences_have_items() -> None:
    nested = {tag for node in iod._standard().nodes for tag, entry in node.items() if entry.items is not None}

    assert {dictionary.vr_of(tag) for tag in nested} == {"SQ"}


def test_every_class_with_an_iod_has_its_modules() -> None:
    standard = iod._standard()

    assert len(standard.sop_classes) == 180
    assert set(standard.sop_classes.values()) <= standard.iods.keys()
    assert standard.sop_classes.keys() - storage_sop_classes().keys() == {"1.2.840.10008.1.3.10"}
    assert {usage for modules in standard.iods.values() for _, usage in modules} == {"M", "C", "U"}


def test_an_enhanced_ct_requires_what_a_plain_one_leaves_open() -> None:
    content_time = 0x00080033

    assert attribute_type(CT, (content_time,)) is AttributeType.CONDITIONAL_MAY_BE_EMPTY
    assert attribute_type(ENHANCED_CT, (content_time,)) is AttributeType.REQUIRED
