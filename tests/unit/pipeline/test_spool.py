from __future__ import annotations

import zlib

import pytest

from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, IMPLICIT_LE, TransferSyntax, transfer_syntax
from philae.pipeline.model import Incoming
from philae.pipeline.spool import Unacceptable, identify_draft
from tests.support.fakes import FakeDraft, FakeSpool
from tests.support.instances import make_incoming
from tests.support.lanes import ct_dataset


def drafted(incoming: Incoming, dataset: bytes) -> FakeDraft:
    draft = FakeSpool().draft(incoming)
    draft.write([memoryview(dataset)])
    return draft


def deflated(dataset: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(dataset) + stream.flush()


@pytest.mark.parametrize("syntax", [transfer_syntax("1.2.840.10008.1.2.4.50"), IMPLICIT_LE, EXPLICIT_BE])
def test_the_identifiers_are_those_of_the_dataset(syntax: TransferSyntax) -> None:
    incoming = make_incoming("1.2.3.4", transfer_syntax_uid=syntax.uid)

    identifiers = identify_draft(incoming, drafted(incoming, ct_dataset("1.2.3.4", syntax)))

    assert identifiers.sop_instance_uid == "1.2.3.4"
    assert (identifiers.study_instance_uid, identifiers.series_instance_uid) == ("1.2", "1.2.3")
    assert (identifiers.patient_id, identifiers.modality) == ("P1", "CT")


def test_a_deflated_dataset_is_looked_into() -> None:
    incoming = make_incoming("1.2.3.4", transfer_syntax_uid=DEFLATED_LE.uid)

    identifiers = identify_draft(incoming, drafted(incoming, deflated(ct_dataset("1.2.3.4"))))

    assert identifiers.sop_instance_uid == "1.2.3.4"


def test_a_dataset_much_longer_than_its_head_is_identified() -> None:
    incoming = make_incoming("1.2.3.4")

    identifiers = identify_draft(incoming, drafted(incoming, ct_dataset("1.2.3.4", pixels=bytes(1 << 20))))

    assert identifiers.series_instance_uid == "1.2.3"


@pytest.mark.parametrize(
    "dataset, status, words",
    [
        (ct_dataset("1.2.3.5"), 0xA900, "SOP Instance UID of command and dataset differ"),
        (ct_dataset(""), 0xA900, "the dataset has no SOP Instance UID"),
        (ct_dataset("1.2.3.4", sop_class="1.2.9"), 0xA900, "SOP Class UID of command and dataset differ"),
        (ct_dataset("1.2.3.4", sop_class=""), 0xA900, "SOP Class UID of command and dataset differ"),
        (b"", 0xC000, "not a DICOM dataset"),
        (b"no DICOM at all", 0xC000, "not a DICOM dataset"),
        (b"\x08\0\x05\0no DICOM", 0xC000, "not a DICOM dataset"),
        (ct_dataset("1.2.3.4")[:45], 0xC000, "not a DICOM dataset"),
    ],
)
def test_bytes_that_are_not_what_was_announced_are_refused(dataset: bytes, status: int, words: str) -> None:
    incoming = make_incoming("1.2.3.4")

    with pytest.raises(Unacceptable, match=words) as refused:
        identify_draft(incoming, drafted(incoming, dataset))

    assert refused.value.status == status


def test_a_damaged_deflated_stream_is_refused() -> None:
    incoming = make_incoming("1.2.3.4", transfer_syntax_uid=DEFLATED_LE.uid)

    with pytest.raises(Unacceptable) as refused:
        identify_draft(incoming, drafted(incoming, b"\xff" * 100))

    assert refused.value.status == 0xC000
