from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from philae.dicom.tags import TagPattern, TagSet, parse_tag_pattern
from tests.support.golden import golden

PATTERNS = golden("unit_test", "tag_pattern")
HEX_TAGS = golden("unit_test", "is_hex_tag")


@st.composite
def tag_patterns(draw: st.DrawFn) -> TagPattern:
    mask = int("".join(draw(st.lists(st.sampled_from("0F"), min_size=8, max_size=8))), 16)
    return TagPattern(draw(st.integers(0, 0xFFFFFFFF)) & mask, mask)


@pytest.mark.parametrize("text", PATTERNS["valid_patterns"])
def test_x_makes_a_pattern(text: str) -> None:
    assert not parse_tag_pattern(text).is_exact


def test_without_x_a_tag_is_exact() -> None:
    assert parse_tag_pattern("00100010") == TagPattern(0x00100010)


@pytest.mark.parametrize("text, mask", PATTERNS["mask"])
def test_mask_has_the_bits_of_the_digits(text: str, mask: str) -> None:
    assert parse_tag_pattern(text).mask == int(mask, 16)


@pytest.mark.parametrize("text, cleaned", PATTERNS["clean_path"])
def test_brackets_and_commas_do_not_count(text: str, cleaned: str) -> None:
    assert parse_tag_pattern(text) == parse_tag_pattern(cleaned)


@pytest.mark.parametrize("text", HEX_TAGS["true"])
def test_what_karnak_takes_for_a_tag_is_one(text: str) -> None:
    assert isinstance(parse_tag_pattern(text), TagPattern)


@pytest.mark.parametrize("text", [*HEX_TAGS["false"], "", "0010XXX", "0010XXXG", "G0100010", "0x00100010", "Nobody"])
def test_what_is_no_tag_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="8 hex digits such as"):
        parse_tag_pattern(text)


@pytest.mark.parametrize(
    "vector", [v for v in golden("running", "tag_notation") if v["tag"] not in {"(0010, 0010)", "G0100010"}]
)
def test_notations_match_what_karnaks_match(vector: dict[str, Any]) -> None:
    # given
    candidates = (0x00100010, 0x00100020, 0x00080005, 0xFFFF0010)

    # when
    pattern = parse_tag_pattern(vector["tag"])

    # then
    assert pattern.is_exact != vector["result"]["pattern"]
    assert [f"{tag:08X}" for tag in candidates if pattern.matches(tag)] == vector["result"]["matches"]


@pytest.mark.parametrize("text", ["(0010, 0010)", " 0010,0010 ", "PatientName"])
def test_spaces_and_keywords_name_the_tag_they_seem_to(text: str) -> None:
    assert parse_tag_pattern(text) == TagPattern(0x00100010)


@given(tag_patterns())
def test_a_shown_pattern_reads_as_itself(pattern: TagPattern) -> None:
    assert parse_tag_pattern(str(pattern)) == pattern


@given(st.lists(tag_patterns(), max_size=6), st.integers(0, 0xFFFFFFFF))
def test_a_set_holds_exactly_what_its_patterns_match(patterns: list[TagPattern], tag: int) -> None:
    assert (tag in TagSet(patterns)) == any(pattern.matches(tag) for pattern in patterns)
    assert bool(TagSet(patterns)) == bool(patterns)


@pytest.mark.parametrize(
    "text, always, possibly",
    [("00091001", True, True), ("(50XX,eeee)", False, True), ("(XXXX,0010)", False, True), ("00100010", False, False)],
)
def test_private_is_told_from_the_last_digit_of_the_group(text: str, always: bool, possibly: bool) -> None:
    pattern = parse_tag_pattern(text)

    assert (pattern.is_private, pattern.may_be_private) == (always, possibly)
