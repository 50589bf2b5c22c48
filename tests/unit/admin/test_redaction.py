"""What is taken out of texts, and what may stay."""

from __future__ import annotations

import pytest

from philae.admin.redaction import redacted, without_uids


@pytest.mark.parametrize(
    "text, expected",
    [
        ("instance 1.2.826.0.1.3680043.10 failed", "instance [UID] failed"),
        ("(2.25.123.4.5)", "([UID])"),
        ("1.2.826.0.1.5.", "[UID]."),
        ("SOP class 1.2.840.10008.5.1.4.1.1.2", "SOP class 1.2.840.10008.5.1.4.1.1.2"),
        ("1.2.840.10008.5.1.4.1.1.2.20240102101112", "[UID]"),
        ("10.1.2.3:104, version 1.2.3", "10.1.2.3:104, version 1.2.3"),
    ],
)
def test_uids_that_name_an_instance_are_taken_out(text: str, expected: str) -> None:
    assert without_uids(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("cannot reach postgresql://philae:hush@db/x", "cannot reach postgresql://[secret]@db/x"),
        ("sent Authorization: Bearer abc.def-123=", "sent Authorization: Bearer [secret]"),
        ("basic Zm9vOmJhcg==", "basic [secret]"),
        ("GET /studies?PatientID=4711&limit=1 200", "GET /studies?... 200"),
        ("are you sure? yes", "are you sure? yes"),
    ],
)
def test_secrets_and_queries_are_taken_out(text: str, expected: str) -> None:
    assert redacted(text) == expected
