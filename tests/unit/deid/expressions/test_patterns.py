from __future__ import annotations

import pytest

from philae.deid.expressions.errors import Unanswerable
from philae.deid.expressions.patterns import matcher


def test_pattern_matches_whole_texts_only() -> None:
    matches = matcher("[A-Z]{2}[0-9]+")

    assert matches("CT1")
    assert not matches("xCT1")
    assert not matches("CT1\n")


def test_characters_beyond_ascii_are_one_character_each() -> None:
    assert matcher("J.rg")("Jürg")
    assert matcher(".")("\ud800") is True


@pytest.mark.parametrize(
    "pattern",
    ["a{1,30}{1,30}", "((a{1,30}){1,30}){1,30}", r"\pL{300}", "a{2000}", "a" * 1001, "(?=a)a",
     r"(a)\1", "(?<!a)b", "(", "[", "*"],
    ids=lambda pattern: pattern[:20],
)  # fmt: skip
def test_patterns_that_are_wrong_or_too_large_are_refused(pattern: str) -> None:
    with pytest.raises(Unanswerable, match="pattern"):
        matcher(pattern)


def test_patterns_that_make_others_backtrack_are_matched_in_linear_time() -> None:
    assert not matcher("(a+)+b")("a" * 60_000)


def test_texts_too_long_to_match_are_refused() -> None:
    with pytest.raises(Unanswerable, match="longer than"):
        matcher("a*")("a" * 70_000)
