from collections import Counter

from philae.dicom.standard.confidentiality import Option
from philae.dicom.standard.content import content_item, content_items, is_known_concept
from philae.dicom.standard.safe_private import is_safe_private, safe_private_attributes


def test_safe_private_attributes_are_found_in_any_block() -> None:
    assert is_safe_private("SIEMENS MR HEADER", 0x0019100C)
    assert is_safe_private("SIEMENS MR HEADER ", 0x0019FF0C)


def test_other_creators_groups_and_elements_are_not_safe() -> None:
    assert not is_safe_private("SIEMENS MR", 0x0019100C)
    assert not is_safe_private("SIEMENS MR HEADER", 0x0021100C)
    assert not is_safe_private("SIEMENS MR HEADER", 0x00191001)


def test_all_rows_of_the_table_are_there() -> None:
    rows = safe_private_attributes()

    assert len(rows) == 87
    assert len(set(rows)) == 87
    assert all(row.group & 1 and 0 <= row.element <= 0xFF for row in rows)


def test_content_items_hold_actions_and_options() -> None:
    items = content_items()

    assert len(items) == 214
    assert Counter(item.basic for item in items).keys() == {"X", "D", "X/D"}
    assert any(item.options.get(Option.RETAIN_UIDS) == "K" for item in items)


def test_a_concept_is_found_by_code_and_value_type() -> None:
    item = content_item("DCM", "121435", "PNAME")

    assert item is not None
    assert (item.meaning, item.basic) == ("Service Performer", "X")
    assert content_item("DCM", "121435", "NUM") is None
    assert is_known_concept("DCM", "121435")
    assert not is_known_concept("99LOCAL", "121435")
    assert not is_known_concept("", "")
