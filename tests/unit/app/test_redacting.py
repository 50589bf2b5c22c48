"""What is taken out of log records."""

from __future__ import annotations

import logging
from typing import Any

import pydicom
import pytest

from philae.app.redacting import LEFT_OUT, Redacting


def passed(message: str, *arguments: object, name: str = "philae", **extra: object) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.INFO, __file__, 1, message, arguments, None)
    vars(record).update(extra)
    assert Redacting().filter(record)
    return record


@pytest.mark.parametrize(
    "extra, expected",
    [
        ({"instance": 7, "ratio": 0.5, "ok": True, "nothing": None}, None),
        ({"reason": "series 1.2.3.4.5.6 is broken"}, {"reason": "series [UID] is broken"}),
        ({"peer": "10.1.2.3", "called": "PHILAE"}, None),
        ({"sop_class_uid": "1.2.840.10008.5.1.4.1.1.2"}, None),
        (
            {"study_instance_uid": "1.2", "patient_name": "Max"},
            dict.fromkeys(["study_instance_uid", "patient_name"], LEFT_OUT),
        ),
        ({"api_token": "abc", "password": "x"}, {"api_token": "[secret]", "password": "[secret]"}),
        ({"values": ["a", 1, b"raw"]}, {"values": ["a", 1, "[bytes]"]}),
        ({"dataset": pydicom.Dataset(), "raw": b"Max"}, {"dataset": "[Dataset]", "raw": "[bytes]"}),
    ],
)
def test_an_event_keeps_its_own_words_and_numbers(extra: dict[str, Any], expected: dict[str, Any] | None) -> None:
    record = passed("instance.refused", **extra)

    assert {name: getattr(record, name) for name in extra} == (expected or extra)
    assert record.getMessage() == "instance.refused"


def test_a_message_is_redacted_with_its_arguments() -> None:
    assert passed("sent %s to %s", "1.2.3.4.5.6", "archive").getMessage() == "sent [UID] to archive"


def test_a_message_that_does_not_fit_its_arguments_is_left_out() -> None:
    assert passed("%d of %d", "Max").getMessage() == LEFT_OUT


@pytest.mark.parametrize("name", ["pydicom", "pydicom.filereader", "py.warnings", "PIL.Image"])
def test_libraries_that_quote_values_are_not_quoted(name: str) -> None:
    assert "Max" not in passed("cannot read Max", name=name).getMessage()
