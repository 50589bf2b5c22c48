"""A trial delivery: a made-up instance, by the sender that takes the real ones."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from philae.admin.doctor import Ill, Said, Verdict
from philae.demo.capture import secondary_capture
from philae.demo.ct import ct_slice
from philae.demo.identity import invent
from philae.dicom.part10 import read_meta
from philae.dicom.scan import Encoded
from philae.dicom.splice import Span
from philae.dicom.syntax import EXPLICIT_LE
from philae.pipeline.body import Body, identify_head
from philae.pipeline.model import Delivery, Instance, Outgoing, Receipt
from philae.pipeline.outcome import Refused, TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.dataset import Dataset

    from philae.admin.doctor import Case
    from philae.demo.identity import Identity
    from philae.pipeline.ports import Sender

PATIENT: Final = "PHILAE-DOCTOR"
"""The ID of a patient that nobody is."""
_NOBODY: Final = replace(invent(0), patient_id=PATIENT, patient_name="Doctor^Philae")
_MAKERS: Final[dict[str, Callable[[Identity], Dataset]]] = {
    SecondaryCaptureImageStorage: secondary_capture,
    CTImageStorage: lambda identity: ct_slice(identity, 1),
}
_LOCAL: Final = "127.0.0.1"


def trial(case: Case, make_sender: Callable[[], Sender]) -> Said:
    """Deliver the made-up instance, if that is asked for: always the same, so that a receiver keeps one. Raises `Ill`."""
    if not case.store:
        return Said("not asked for; it would deliver a made-up instance", Verdict.SKIPPED)
    outgoing = _made_up(case)
    if outgoing is None:
        return Said("the destination takes no SOP class of which an instance can be made up", Verdict.SKIPPED)
    try:
        with closing(make_sender()) as sender:
            ((_, answer),) = sender.deliver({(outgoing.sop_class_uid, EXPLICIT_LE.uid)}, iter((outgoing,)))
    except TryAgain as error:
        answer = error
    if not isinstance(answer, Receipt):
        raise Ill(f"the made-up instance was not taken: {answer}", _advice(answer))
    return Said(f"{answer.state.name}: {answer.detail}", advice=f"patient {PATIENT} there can be deleted")


def _advice(answer: TryAgain | Refused) -> str:
    if isinstance(answer, Refused):
        return "real instances would fail as well: put right what it says, or look into the receiver's log"
    return "real instances would wait: put right what it says, or look into the receiver's log"


def _made_up(case: Case) -> Outgoing | None:
    """Of a SOP class that the destination takes, rather one that the forward node receives."""
    received = {sop_class_uid for sop_class_uid, _ in case.lately}
    allowed = [uid for uid in _MAKERS if not case.destination.sop_classes or uid in case.destination.sop_classes]
    if not allowed:
        return None
    chosen = next((uid for uid in allowed if uid in received), allowed[0])
    return _outgoing(case, _Made(_encoded(_MAKERS[chosen](_NOBODY))))


def _encoded(dataset: Dataset) -> bytes:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


class _Made:
    """`philae.pipeline.ports.SpoolFile` in memory."""

    def __init__(self, content: bytes) -> None:
        self.encoded = Encoded(content, read_meta(content).dataset_offset, len(content), EXPLICIT_LE)

    def blocks(self, start: int, end: int) -> Iterator[memoryview]:
        yield memoryview(self.encoded.source)[start:end]

    def close(self) -> None:
        """Nothing is open."""


def _outgoing(case: Case, file: _Made) -> Outgoing:
    start, end = file.encoded.start, file.encoded.end
    identifiers = identify_head(bytes(file.encoded.source[start:end]), EXPLICIT_LE)
    instance = Instance(
        id=0,
        node=case.node.ae_title,
        calling_ae_title=case.calling_ae_title or case.node.ae_title,
        peer_host=_LOCAL,
        identifiers=identifiers,
        transfer_syntax_uid=EXPLICIT_LE.uid,
        size=end,
        digest=b"",
        received_at=datetime.now(UTC),
    )
    return Outgoing(
        Delivery(instance, case.destination.id, 0, 0),
        identifiers.sop_class_uid,
        identifiers.sop_instance_uid,
        identifiers.study_instance_uid,
        EXPLICIT_LE.uid,
        Body(file, (Span(start, end),)),
    )
