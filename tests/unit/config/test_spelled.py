"""Texts that have to look in a certain way."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from philae.admin.address_book import Host
from philae.config.fields import AETitle, EmailAddress
from philae.config.spelled import Spelled

ADAPTER: TypeAdapter[str] = TypeAdapter(
    Annotated[str, StringConstraints(strip_whitespace=True), Spelled("[ab]+", "only a and b")]
)


@pytest.mark.parametrize("text", ["abc", "", "ab\nc", "a\nb"])
def test_who_typed_another_text_is_told_in_words(text: str) -> None:
    with pytest.raises(ValidationError) as raised:
        ADAPTER.validate_python(text)

    assert [each["msg"] for each in raised.value.errors()] == ["Value error, only a and b"]


def test_a_text_of_the_form_stays_and_the_form_is_in_the_schema() -> None:
    assert ADAPTER.validate_python(" abba\n") == "abba"
    assert ADAPTER.json_schema() == {"type": "string", "pattern": "^[ab]+$"}


@pytest.mark.parametrize(
    "kind, wrong, right",
    [
        (AETitle, "A\\B", "A B/C"),
        (AETitle, "A\tB", "AB"),
        (EmailAddress, "pacs", "pacs@hospital.example"),
        (Host, "archive:4242/x", "archive.example"),
    ],
)
def test_common_texts_are_refused_without_a_regular_expression(kind: Any, wrong: str, right: str) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    with pytest.raises(ValidationError) as raised:
        adapter.validate_python(wrong)

    assert "pattern" not in str(raised.value)
    assert adapter.validate_python(right) == right
