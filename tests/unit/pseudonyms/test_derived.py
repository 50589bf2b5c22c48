from __future__ import annotations

import re

import pytest

from philae.deid.errors import MissingPatientId
from philae.deid.profile import Project
from philae.pseudonyms.derived import Derived, DerivedSettings
from tests.support.trees import encoded, text

SECRET = bytes(range(16))


def pseudonym(patient_id: str = "P1", issuer: str = "", secret: bytes = SECRET) -> str:
    tree = [text(0x00100020, "LO", patient_id), text(0x00100021, "LO", issuer)]
    source = Derived(DerivedSettings(), Project("Trial", secret))
    return source.pseudonym(encoded([each for each in tree if each.value]))


def test_it_is_readable_and_the_same_every_time() -> None:
    assert re.fullmatch(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", pseudonym())
    assert pseudonym() == pseudonym()


def test_patient_issuer_and_secret_each_make_another_one() -> None:
    different = {pseudonym(), pseudonym("P2"), pseudonym(issuer="HOSPITAL"), pseudonym(secret=bytes(16))}

    assert len(different) == 4


def test_it_does_not_show_the_patient_id() -> None:
    assert "SMITH" not in pseudonym("SMITH")


def test_without_patient_id_there_is_none() -> None:
    with pytest.raises(MissingPatientId):
        pseudonym("")
