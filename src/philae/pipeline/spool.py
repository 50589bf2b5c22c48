"""The spool step: what must be true of an instance's first bytes before the gateway answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.dicom.scan import Identifiers, MalformedDataset
from philae.dicom.syntax import transfer_syntax
from philae.pipeline.body import identify_head

if TYPE_CHECKING:
    from philae.pipeline.model import Incoming
    from philae.pipeline.ports import SpoolDraft

CANNOT_UNDERSTAND = 0xC000
DATA_SET_DOES_NOT_MATCH = 0xA900


class Unacceptable(Exception):
    """The bytes are not the instance that was announced; the sender keeps it.

    ``status`` is the C-STORE status that says so (PS3.4 B.2.3).
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def identify_draft(incoming: Incoming, draft: SpoolDraft) -> Identifiers:
    """The identifiers of an instance that has arrived, checked against its announcement."""
    try:
        identifiers = identify_head(draft.head, transfer_syntax(incoming.transfer_syntax_uid))
    except MalformedDataset as error:
        raise Unacceptable(CANNOT_UNDERSTAND, f"not a DICOM dataset: {error}") from error
    if identifiers == Identifiers():
        raise Unacceptable(CANNOT_UNDERSTAND, "not a DICOM dataset: it has none of the identifying UIDs")
    if not identifiers.sop_instance_uid:
        raise Unacceptable(DATA_SET_DOES_NOT_MATCH, "the dataset has no SOP Instance UID")
    if identifiers.sop_instance_uid != incoming.sop_instance_uid:
        raise Unacceptable(DATA_SET_DOES_NOT_MATCH, "SOP Instance UID of command and dataset differ")
    if identifiers.sop_class_uid != incoming.sop_class_uid:
        raise Unacceptable(DATA_SET_DOES_NOT_MATCH, "SOP Class UID of command and dataset differ")
    return identifiers
