from pathlib import Path

import pydicom
import pytest
from pydicom.uid import UID

from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from philae.tools.send import MAX_CONTEXTS, Answer, Candidate, Sent, examine, planned
from tests.support.association import CT
from tests.support.listening import write_instance

JPEG_2000 = "1.2.840.10008.1.2.4.90"


def candidate(sop_class_uid: str = CT, syntax_uid: str = EXPLICIT_LE.uid) -> Candidate:
    return Candidate(Path("x.dcm"), sop_class_uid, "1.2.3", syntax_uid)


@pytest.mark.parametrize(
    "syntax, others",
    [
        (EXPLICIT_LE.uid, [IMPLICIT_LE.uid]),
        (IMPLICIT_LE.uid, [EXPLICIT_LE.uid]),
        (DEFLATED_LE.uid, [EXPLICIT_LE.uid, IMPLICIT_LE.uid]),
        (EXPLICIT_BE.uid, []),
        (JPEG_2000, []),
    ],
)
def test_what_can_be_recoded_is_proposed_in_other_syntaxes_after_its_own(syntax: str, others: list[str]) -> None:
    assert candidate(syntax_uid=syntax).alternatives == tuple((CT, uid) for uid in (syntax, *others))


def test_no_group_needs_more_contexts_than_one_association_has() -> None:
    candidates = [
        candidate(f"1.2.{number}", syntax) for number in range(200) for syntax in (EXPLICIT_LE.uid, JPEG_2000)
    ]

    groups = planned(candidates)

    needs = [{pair for each in group for pair in each.alternatives} for group in groups]
    assert max(map(len, needs)) <= MAX_CONTEXTS
    assert sorted((each.sop_class_uid, each.syntax_uid) for group in groups for each in group) == sorted(
        (each.sop_class_uid, each.syntax_uid) for each in candidates
    )
    assert len(groups) == 5


def test_one_kind_of_instance_is_one_group() -> None:
    assert [len(group) for group in planned([candidate()] * 500)] == [500]


def test_the_dataset_says_what_is_sent(tmp_path: Path) -> None:
    path = write_instance(tmp_path / "a.dcm", "1.2.3.4")
    dataset = pydicom.dcmread(path)
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("9.9.9")
    dataset.save_as(path)

    assert examine(path) == Candidate(path, CT, "1.2.3.4", EXPLICIT_LE.uid)


def test_what_cannot_be_sent_has_a_reason(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    nameless = write_instance(tmp_path / "a.dcm", "1.2.3.4")
    dataset = pydicom.dcmread(nameless)
    del dataset.SOPInstanceUID
    dataset.save_as(nameless)

    answers = [examine(tmp_path / name) for name in ("note.txt", "none", "a.dcm")]

    assert all(isinstance(answer, Answer) and answer.words for answer in answers)
    assert [answer.sent for answer in answers if isinstance(answer, Answer)] == [
        Sent.NOT_DICOM,
        Sent.NOT_STORED,
        Sent.NOT_STORED,
    ]
