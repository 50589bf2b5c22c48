"""What answers of web services say, by RFC 6901."""

from __future__ import annotations

from typing import Any

import pytest

from philae.deid.requests import found_in
from tests.support.golden import golden

ANSWERED = [vector for vector in golden("unit_test", "replace_api") if "response" in vector]


@pytest.mark.parametrize("vector", ANSWERED)
def test_values_are_found_as_by_karnak(vector: dict[str, Any]) -> None:
    found = found_in(vector["response"], vector["responsePath"])

    assert (found or vector.get("defaultValue") or "ABORT (connection level), value not found") == vector["result"]


@pytest.mark.parametrize(
    "response, pointer, expected",
    [
        ('{"a": {"b": ["x", "y"]}}', "/a/b/1", "y"),
        ('{"a/b": {"m~n": "x"}}', "/a~1b/m~0n", "x"),
        ('{"": "x"}', "/", "x"),
        ('{"n": 1.50, "big": 12345678901234567890123, "t": true}', "/n", "1.50"),
        ('{"n": 1.50, "big": 12345678901234567890123, "t": true}', "big", "12345678901234567890123"),
        ('{"n": 1.50, "big": 12345678901234567890123, "t": true}', "/t", "true"),
        ('"text"', "", "text"),
        (" plain text\n", "", "plain text"),
    ],
)
def test_texts_numbers_and_truth_values_are_found(response: str, pointer: str, expected: str) -> None:
    assert found_in(response, pointer) == expected


@pytest.mark.parametrize(
    "response, pointer",
    [
        ("{}", "/a"),
        ('{"a": null}', "/a"),
        ('{"a": ""}', "/a"),
        ('{"a": {}}', "/a"),
        ('{"a": ["x"]}', "/a/1"),
        ('{"a": ["x"]}', "/a/-1"),
        ('{"a": ["x"]}', "/a/²"),
        ('{"a": "text"}', "/a/0"),
        ("not JSON", "/a"),
        ("", ""),
        ("{}", ""),
        ("[" * 100_000, "/a"),
    ],
)
def test_everything_else_is_no_value(response: str, pointer: str) -> None:
    assert found_in(response, pointer) is None
