from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from philae.destinations.stow.answers import LONGEST_WAIT_S, verdict
from philae.destinations.stow.connection import Answer
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Busy, Refused, TryAgain

TYPES = ["application/dicom+json", "application/dicom+xml; charset=utf-8", "text/html", "", ";;", "a/b; c=\xe9"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["00081199", "00081198", "00081155", "00081197", "Value", "vr"]), inner)
    ),
    max_leaves=20,
)
bodies = st.binary(max_size=100) | json_values.map(lambda value: json.dumps(value).encode())


@given(st.integers(100, 999), st.sampled_from(TYPES), bodies)
def test_whatever_a_server_says_it_is_an_answer_or_a_reason_to_wait(
    status: int, content_type: str, body: bytes
) -> None:
    try:
        ends = verdict(Answer(status, {"content-type": content_type}, body)).named
    except TryAgain as error:
        ends = {"all": error}

    assert all(isinstance(end, Receipt | TryAgain | Refused) for end in ends.values())


@pytest.mark.parametrize(
    "asked, waits_s",
    [
        ("5", 5.0),
        ("9" * 9, LONGEST_WAIT_S),
        ("", 0.0),
        ("soon", 0.0),
        ("-1", 0.0),
        ("Fri, 01 Jan 2027 00:00:00 GMT", 0.0),
    ],
)
def test_a_wait_is_bounded_and_what_cannot_be_read_is_none(asked: str, waits_s: float) -> None:
    busy = verdict(Answer(503, {"retry-after": asked}, b"")).others

    assert isinstance(busy, Busy)
    assert busy.after_s == waits_s


def test_the_words_are_ours_and_the_code_is_the_servers() -> None:
    refused = verdict(Answer(422, {}, b"Patient^Name is not allowed")).others

    assert str(refused) == "422 Unprocessable Entity"
    assert getattr(refused, "code", None) == "HTTP 422"
