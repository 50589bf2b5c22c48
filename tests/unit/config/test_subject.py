"""Subject patterns."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from philae.config.notify import Notify
from philae.config.subject import count_places, fill


@pytest.mark.parametrize(
    "pattern, values, subject",
    [
        ("[Karnak Notification] %s %.30s", ["P1", "x" * 40], f"[Karnak Notification] P1 {'x' * 30}"),
        ("%.3s", ["ab"], "ab"),
        ("100%% of %s", ["P1"], "100% of P1"),
        ("%s", ["100%s"], "100%s"),
        ("no place", ["P1"], "no place"),
        ("%s and %s", ["a\r\nBcc: x", ""], "a Bcc: x and"),
    ],
)
def test_values_stand_in_their_places_on_one_line(pattern: str, values: list[str], subject: str) -> None:
    assert fill(pattern, values) == subject


@pytest.mark.parametrize("pattern", ["%d", "%", "%.s", "50% of", "%1$s"])
def test_what_is_no_pattern_is_named(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not understood"):
        count_places(pattern)


def test_defaults_are_those_of_karnak() -> None:
    notify = Notify.model_validate({"emails": "a@b.example, c@d.example,"})

    assert notify.emails == ("a@b.example", "c@d.example")
    assert notify.subject == "[Karnak Notification] %s %.30s"
    assert notify.values == ("PatientID", "StudyDescription")
    assert (notify.error_prefix, notify.rejection_prefix, notify.interval_s) == ("**ERROR**", "**REJECTED**", 45.0)


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"emails": []}, "at least 1"),
        ({"emails": "somebody"}, "give a mail address"),
        ({"emails": "a@b.example\nBcc: c@d.example"}, "give a mail address"),
        ({"subject": "%s %s %s"}, "3 places for values, but there are 2"),
        ({"subject": "%d"}, "is not understood"),
        ({"values": ["PatientName"]}, "PatientID"),
        ({"interval_s": 0}, "greater than or equal to 1"),
    ],
)
def test_what_would_break_a_mail_is_refused_when_it_is_configured(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Notify.model_validate({"emails": "a@b.example", **wrong})
