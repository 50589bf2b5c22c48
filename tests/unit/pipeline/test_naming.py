from __future__ import annotations

from datetime import UTC, datetime

import pytest

from philae.deid.engine import compile_profile
from philae.deid.profile import Project
from philae.deid.profile_file import load_profile
from philae.dicom.identify import identify
from philae.dicom.scan import Encoded
from philae.dicom.splice import splice
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from philae.pipeline.naming import names_of
from tests.support.deidentifying import PROFILE
from tests.support.lanes import ct_dataset

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEEPING = """
name: "keeping"
version: "1"
profileElements:
  - name: "keep"
    codename: "action.on.specific.tags"
    action: "K"
    tags: ["(0008,0050)", "(0020,000E)"]
  - name: "basic"
    codename: "basic.dicom.profile"
"""


@pytest.mark.parametrize("profile", [PROFILE, KEEPING])
@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("patient_id", ["DOE^1", "x"])
def test_the_names_are_those_that_the_receiver_reads(profile: str, syntax: TransferSyntax, patient_id: str) -> None:
    dataset = ct_dataset(syntax=syntax, patient_id=patient_id)
    encoded = Encoded(dataset, 0, len(dataset), syntax)
    compiled = compile_profile(load_profile(profile), Project(name="p", secret=bytes(16)))
    plan = compiled.plan(encoded, pseudonym="P-1", now=NOW)

    names = names_of(plan, syntax, identify(dataset, 0, len(dataset), syntax, complete=True))

    pieces = (
        each if isinstance(each, bytes) else dataset[each.start : each.end] for each in splice(encoded, plan.edits)
    )
    output = b"".join(pieces)
    assert names == identify(output, 0, len(output), syntax, complete=True)
    assert names.patient_id not in ("", patient_id)
