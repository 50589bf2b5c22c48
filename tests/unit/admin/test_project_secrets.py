from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from philae.admin.declined import Declined
from philae.admin.project_secrets import (
    PastSecret,
    changed_secrets,
    fingerprint,
    with_imported_secret,
    with_new_secret,
    with_past_secret,
)
from philae.admin.projects import project_named
from philae.deid.keys import parse_secret
from tests.support.projects import SECRET, configuration

OTHER = "fedcba98-7654-3210-fedc-ba9876543210"
PAST = PastSecret(parse_secret(OTHER), datetime(2025, 1, 1, tzinfo=UTC))


class History:
    def of(self, project: str) -> Sequence[PastSecret]:
        return [PAST] if project == "Trial" else []


def test_a_new_secret_has_16_bytes_and_changes_one_project_only() -> None:
    changed, text = with_new_secret(configuration("Trial", "Spare"), "Trial")

    assert len(parse_secret(text)) == 16
    assert [each.secret for each in changed.projects] == [text, SECRET]
    assert with_new_secret(changed, "Trial")[1] != text


@pytest.mark.parametrize("text", [OTHER, OTHER.upper(), OTHER.replace("-", ""), f" {OTHER}\n"])
def test_a_secret_from_elsewhere_is_taken_however_it_is_written(text: str) -> None:
    changed = with_imported_secret(configuration("Trial"), "Trial", text)

    assert parse_secret(project_named(changed, "Trial").secret or "") == parse_secret(OTHER)


@pytest.mark.parametrize("text", ["", OTHER[:-1], f"{OTHER}0", "g" * 32])
def test_what_is_no_secret_is_declined_without_being_shown(text: str) -> None:
    with pytest.raises(Declined, match="32 hexadecimal") as declined:
        with_imported_secret(configuration("Trial"), "Trial", text)
    assert not text or text not in str(declined.value)


def test_the_secret_in_use_is_not_imported_again() -> None:
    with pytest.raises(Declined, match="already"):
        with_imported_secret(configuration("Trial"), "Trial", SECRET.upper())


def test_a_secret_of_the_past_is_taken_up_by_its_fingerprint() -> None:
    changed = with_past_secret(configuration("Trial"), "Trial", PAST.fingerprint.lower(), History())

    assert parse_secret(project_named(changed, "Trial").secret or "") == PAST.secret


def test_only_secrets_of_the_project_itself_can_be_taken_up() -> None:
    with pytest.raises(Declined, match="never had"):
        with_past_secret(configuration("Trial", "Spare"), "Spare", PAST.fingerprint, History())


def test_a_changed_secret_is_warned_of_and_an_equal_or_a_first_one_is_not() -> None:
    before = configuration("Trial", "Spare")
    same = with_imported_secret(with_imported_secret(before, "Trial", OTHER), "Trial", SECRET)

    (warning,) = changed_secrets(before, with_imported_secret(before, "Trial", OTHER))

    assert warning.startswith("project 'Trial' has another secret: what is de-identified from now on")
    assert changed_secrets(before, same) == changed_secrets(configuration("Trial"), before) == ()


def test_a_fingerprint_tells_secrets_apart_and_shows_none() -> None:
    assert fingerprint(parse_secret(OTHER)) != fingerprint(parse_secret(SECRET))
    assert fingerprint(parse_secret(OTHER)).replace("-", "").lower() not in OTHER.replace("-", "")
    assert OTHER.replace("-", "") not in repr(PAST)
