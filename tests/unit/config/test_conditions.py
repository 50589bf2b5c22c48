from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from philae.config.document import DocumentFaults, dump_document, load_document
from philae.destinations import SETTINGS
from philae.pseudonyms import SETTINGS as PSEUDONYMS

CONDITION = "tagValueIsPresent(#Tag.Modality, 'CT')"
DOCUMENT = """\
forward_nodes:
  - ae_title: PHILAE
    destinations:
      - name: out
        kind: report_only
        condition: {condition}
"""


def loaded(condition: str) -> str:
    load = partial(load_document, base=Path("/"), destination_kinds=SETTINGS, pseudonym_kinds=PSEUDONYMS)
    text = DOCUMENT.replace("{condition}", repr(condition) if "'" not in condition else f'"{condition}"')
    configuration = load(text)
    again = load(dump_document(configuration))
    assert again == configuration
    return configuration.forward_nodes[0].destinations[0].condition


@pytest.mark.parametrize("written, read", [(CONDITION, CONDITION), ("", ""), ("  ", "")])
def test_a_condition_survives_an_export(written: str, read: str) -> None:
    assert loaded(written) == read


@pytest.mark.parametrize(
    "condition, words",
    [
        ("tagValueIsPresnt(#Tag.Modality, 'CT')", "did you mean tagValueIsPresent()?"),
        ("#Tag.Modality ==", "column"),
        ("'CT'", "column 1"),
        ("''.getClass()", "column"),
        (" && ".join([CONDITION] * 40), "1024"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused_with_its_line(condition: str, words: str) -> None:
    with pytest.raises(DocumentFaults) as caught:
        loaded(condition)

    (fault,) = caught.value.faults
    assert (fault.line, fault.path) == (6, "forward_nodes[0].destinations[0].condition")
    assert words in fault.message
