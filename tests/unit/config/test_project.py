"""What a document says about projects reaches the engine, and comes back out."""

from __future__ import annotations

from pathlib import Path

import pytest

from philae.config.configuration import Configuration
from philae.config.document import DocumentFaults, dump_document, load_document
from philae.deid.profile import Project

SECRET = "0123456789abcdef" * 2
DOCUMENT = """
profiles:
  - text: |
      name: research
      profileElements:
        - {name: Basic, codename: basic.dicom.profile}
projects:
  - {name: Trial, profile: research, secret: SECRET, SWITCHES}
"""


def load(switches: str = "hash_encoding: utf-8", document: str = DOCUMENT) -> Configuration:
    text = document.replace("SECRET", SECRET).replace("SWITCHES", switches)
    return load_document(text, Path(), destination_kinds={}, pseudonym_kinds={})


@pytest.mark.parametrize(
    "switches, expected",
    [
        ("hash_encoding: utf-8", Project("Trial", bytes(16))),
        ("compat: karnak", Project("Trial", bytes(16), compat_karnak=True)),
        ("hash_encoding: us-ascii", Project("Trial", bytes(16), "us-ascii")),
        ("sequence_inheritance: karnak", Project("Trial", bytes(16), sequence_inheritance="karnak")),
        ("server_timezone: Europe/Zurich", Project("Trial", bytes(16), server_timezone="Europe/Zurich")),
        ("time_shift: independent", Project("Trial", bytes(16), time_shift="independent")),
    ],
)
def test_each_switch_reaches_the_engine(switches: str, expected: Project) -> None:
    (project,) = load(switches).projects
    (exported,) = load("", dump_document(load(switches))).projects

    assert project.with_secret(bytes(16)) == exported.with_secret(bytes(16)) == expected


@pytest.mark.parametrize(
    "wrong", ["compat: orthanc", "sequence_inheritance: none", "server_timezone: Mars/Base", "time_shift: never"]
)
def test_a_switch_that_is_none_is_a_fault(wrong: str) -> None:
    with pytest.raises(DocumentFaults) as refused:
        load(wrong)

    assert refused.value.faults[0].line == 8


def test_all_switches_on_is_karnak() -> None:
    project = Project("Trial", bytes(16), compat_karnak=True)

    assert project.inherits_into_sequences
    assert not project.pairs_times
    assert str(project.zone) == "UTC"
