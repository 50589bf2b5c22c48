"""Part 10 files that arrive piece by piece, each accepted as one instance."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from philae.dicom.headers import MalformedDataset
from philae.dicom.part10 import FileMeta, NotDicom, read_meta
from philae.dicom.syntax import transfer_syntax
from philae.pipeline.body import identify_head
from philae.pipeline.model import Incoming
from philae.pipeline.path import accept
from philae.pipeline.ports import LedgerUnavailable, SpoolFull
from philae.pipeline.spool import CANNOT_UNDERSTAND, DATA_SET_DOES_NOT_MATCH, Unacceptable

if TYPE_CHECKING:
    from philae.config.configuration import Configuration
    from philae.config.forward_node import ForwardNode
    from philae.pipeline.ports import Ledger, Spool, SpoolDraft

log = logging.getLogger(__name__)

OUT_OF_RESOURCES: Final = 0xA700
_HEAD_BYTES: Final = 64 * 1024
"""File meta information is read from so much, or from all of a smaller file."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """Where instances of one request go, and on whose behalf."""

    node: ForwardNode
    configuration: Configuration
    spool: Spool
    ledger: Ledger
    sender: str
    peer_host: str
    max_dataset_bytes: int
    study_instance_uid: str = ""
    """Only instances of this study are taken, unless it is empty."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one file: ``status`` is the C-STORE status, 0 for success; UIDs are empty if it has none."""

    sop_class_uid: str
    sop_instance_uid: str
    status: int
    reason: str = ""
    instance_id: int | None = None


class ArrivingFile:
    """One file: bytes are written as they come, `end` accepts it."""

    def __init__(self, receiving: Receiving) -> None:
        self._receiving = receiving
        self._head = bytearray()
        self._size = 0
        self._meta = FileMeta("", "", "", 0)
        self._draft: SpoolDraft | None = None
        self._refused: Stored | None = None
        self._accepted: int | None = None

    def write(self, data: memoryview) -> None:
        """Append bytes; once the file is refused the rest is read and forgotten."""
        self._size += len(data)
        if self._size > self._receiving.max_dataset_bytes:
            self._refuse(OUT_OF_RESOURCES, f"the file exceeds {self._receiving.max_dataset_bytes} bytes")
        if self._refused is not None:
            return
        if self._draft is not None:
            self._append(self._draft, data)
            return
        self._head += data
        if len(self._head) >= _HEAD_BYTES:
            self._begin()

    def end(self) -> Stored:
        """What became of the file, now that its last byte has come."""
        if self._refused is None and self._draft is None:
            self._begin()
        if self._refused is None and self._draft is not None:
            self._accept(self._draft)
        return self._refused or Stored(
            self._meta.sop_class_uid, self._meta.sop_instance_uid, 0, instance_id=self._accepted
        )

    def abandon(self) -> None:
        """The request broke off; the sender keeps the file."""
        if self._draft is not None:
            self._draft.discard()
            self._draft = None

    def _begin(self) -> None:
        try:
            self._meta = read_meta(self._head)
        except NotDicom as error:
            self._refuse(CANNOT_UNDERSTAND, f"not a DICOM file: {error}")
            return
        if not (self._meta.sop_class_uid and self._meta.sop_instance_uid):
            self._refuse(CANNOT_UNDERSTAND, "not a DICOM file: it has no file meta information")
            return
        try:
            self._draft = self._receiving.spool.draft(self._incoming())
        except SpoolFull as error:
            self._refuse(OUT_OF_RESOURCES, str(error))
            return
        self._append(self._draft, memoryview(bytes(self._head))[self._meta.dataset_offset :])
        self._head.clear()

    def _incoming(self) -> Incoming:
        return Incoming(
            called_ae_title=self._receiving.node.ae_title,
            calling_ae_title=self._receiving.sender,
            peer_host=self._receiving.peer_host,
            sop_class_uid=self._meta.sop_class_uid,
            sop_instance_uid=self._meta.sop_instance_uid,
            transfer_syntax_uid=self._meta.transfer_syntax_uid,
        )

    def _append(self, draft: SpoolDraft, data: memoryview) -> None:
        try:
            draft.write([data])
        except SpoolFull as error:
            self._refuse(OUT_OF_RESOURCES, str(error))

    def _accept(self, draft: SpoolDraft) -> None:
        receiving = self._receiving
        try:
            _check_study(draft, self._meta, receiving.study_instance_uid)
            instance = accept(
                self._incoming(), draft, receiving.node, receiving.configuration, receiving.ledger, datetime.now(UTC)
            )
            self._accepted = instance.id
        except SpoolFull as error:
            self._refuse(OUT_OF_RESOURCES, str(error))
        except LedgerUnavailable as error:  # the row may have been written all the same: the file stays
            self._draft = None
            self._refuse(OUT_OF_RESOURCES, str(error))
        except Unacceptable as error:
            self._refuse(error.status, str(error))

    def _refuse(self, status: int, reason: str) -> None:
        if self._refused is None:
            log.warning("instance.refused", extra={"status": f"{status:04X}", "reason": reason})
            self._refused = Stored(self._meta.sop_class_uid, self._meta.sop_instance_uid, status, reason)
        self.abandon()
        self._head.clear()


def _check_study(draft: SpoolDraft, meta: FileMeta, study_instance_uid: str) -> None:
    if not study_instance_uid:
        return
    try:
        found = identify_head(draft.head, transfer_syntax(meta.transfer_syntax_uid)).study_instance_uid
    except MalformedDataset as error:
        raise Unacceptable(CANNOT_UNDERSTAND, f"not a DICOM dataset: {error}") from error
    if found != study_instance_uid:
        raise Unacceptable(DATA_SET_DOES_NOT_MATCH, "the instance belongs to another study than the request")
