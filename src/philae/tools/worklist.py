"""Modality Worklist (PS3.4 K): what a worklist server has scheduled."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataset import Dataset
from pynetdicom import AE, _config, evt
from pynetdicom.pdu import A_ASSOCIATE_RJ
from pynetdicom.sop_class import ModalityWorklistInformationFind  # type: ignore[attr-defined]  # made at import

from philae.dimse.address import Address, open_transport
from philae.dimse.errors import AssociationAborted, AssociationRejected, DimseError
from philae.dimse.rejection import Rejection
from philae.tools.node_check import TIMEOUTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

MOST: Final = 500
"""Entries that are taken; then the query is cancelled."""
_config.LOG_HANDLER_LEVEL = "none"  # its handlers write identifiers into the log
_PENDING: Final = (0xFF00, 0xFF01)
_CANCELLED: Final = 0xFE00
_MESSAGE_ID: Final = 1
_WANTED: Final = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "AdmissionID",
    "ReferringPhysicianName",
    "RequestedProcedureID",
    "RequestedProcedureDescription",
    "StudyInstanceUID",
)
_WANTED_OF_STEP: Final = (
    "ScheduledStationAETitle",
    "ScheduledStationName",
    "Modality",
    "ScheduledProcedureStepStartDate",
    "ScheduledProcedureStepStartTime",
    "ScheduledPerformingPhysicianName",
    "ScheduledProcedureStepDescription",
    "ScheduledProcedureStepID",
    "ScheduledProcedureStepLocation",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; what is empty does not matter. Texts may hold the wildcards * and ? (PS3.4 C.2.2.2.4)."""

    station_ae_title: str = ""
    modality: str = ""
    patient_id: str = field(default="", repr=False)
    admission_id: str = field(default="", repr=False)
    since: date | None = None
    until: date | None = None
    patient_name: str = field(default="", repr=False)
    accession_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One scheduled procedure step."""

    starts: str
    """As in the entry: YYYYMMDD HHMMSS."""
    modality: str
    station_ae_title: str
    patient_name: str = field(repr=False)
    patient_id: str = field(repr=False)
    patient_birth_date: str = field(repr=False)
    accession_number: str = field(repr=False)
    description: str = field(repr=False)
    dataset: Dataset = field(repr=False)

    @property
    def dump(self) -> str:
        """Every attribute, for people."""
        return str(self.dataset)


@dataclass(frozen=True, slots=True)
class Worklist:
    """What a server answered."""

    entries: tuple[Scheduled, ...]
    status: int
    """0 for success; FE00H when there were more than `MOST` entries."""
    comment: str
    association_ms: float
    query_ms: float

    @property
    def is_cut(self) -> bool:
        """Whether there are more."""
        return self.status == _CANCELLED


def query(address: Address, wanted: Wanted) -> Worklist:
    """The entries in the order in which they begin. Raises `DimseError`."""
    began = time.perf_counter()
    association = _opened(address)
    opened = time.perf_counter()
    try:
        found, status, comment = _found(association, wanted)
    finally:
        association.release()
    entries = tuple(sorted(map(_scheduled, found), key=lambda each: each.starts))
    return Worklist(entries, status, comment, (opened - began) * 1e3, (time.perf_counter() - opened) * 1e3)


def _opened(address: Address) -> Any:
    entity = AE(ae_title=address.calling_ae_title)
    entity.connection_timeout = TIMEOUTS.connect_s
    entity.acse_timeout = TIMEOUTS.associate_s
    entity.dimse_timeout = entity.network_timeout = address.timeouts.response_s
    entity.add_requested_context(ModalityWorklistInformationFind)
    connected: list[Any] = []
    received: list[Any] = []
    association = entity.associate(
        address.host,
        address.port,
        ae_title=address.called_ae_title,
        evt_handlers=[(evt.EVT_CONN_OPEN, connected.append), (evt.EVT_PDU_RECV, received.append)],
    )
    if association.is_established:
        return association
    if not connected:
        open_transport(replace(address, timeouts=TIMEOUTS)).close()  # it says why
    raise _refusal(association, [event.pdu for event in received], f"{address.host}:{address.port}")


def _refusal(association: Any, received: list[Any], where: str) -> DimseError:
    """Why there is no association. ``is_rejected`` may be false when the server hung up right after it said so."""
    rejected: Any = next((pdu for pdu in received if isinstance(pdu, A_ASSOCIATE_RJ)), None)
    if rejected is not None:
        rejection = Rejection(rejected.result, rejected.source, rejected.reason_diagnostic)
        words = f"{rejection.words} ({rejection.remedy})"
        return AssociationRejected(rejection.result, rejection.source, rejection.reason, words)
    if association.rejected_contexts:
        return AssociationAborted(f"{where} takes the association, not the Modality Worklist service: enable it there")
    return AssociationAborted(f"{where} ended the association, or did not answer: see its log")


def _found(association: Any, wanted: Wanted) -> tuple[list[Dataset], int, str]:
    found: list[Dataset] = []
    is_cut = False
    answers = association.send_c_find(identifier_of(wanted), ModalityWorklistInformationFind, msg_id=_MESSAGE_ID)
    for status, identifier in answers:
        if "Status" not in status:
            raise AssociationAborted("the server ended the association, or did not answer in time: see its log")
        if status.Status not in _PENDING:
            return found, _CANCELLED if is_cut else status.Status, str(status.get("ErrorComment", ""))
        if identifier is not None and len(found) < MOST:
            found.append(identifier)
        elif not is_cut:
            association.send_c_cancel(_MESSAGE_ID, None, ModalityWorklistInformationFind)
            is_cut = True
    return found, 0, ""


def identifier_of(wanted: Wanted) -> Dataset:
    """The Identifier of the C-FIND request: what has to match, and what is to be returned (PS3.4 K.6.1.2.2)."""
    identifier, step = Dataset(), Dataset()
    for keyword in _WANTED:
        setattr(identifier, keyword, "")
    for keyword in _WANTED_OF_STEP:
        setattr(step, keyword, "")
    identifier.PatientName, identifier.PatientID = wanted.patient_name, wanted.patient_id
    identifier.AdmissionID, identifier.AccessionNumber = wanted.admission_id, wanted.accession_number
    step.ScheduledStationAETitle, step.Modality = wanted.station_ae_title, wanted.modality
    step.ScheduledProcedureStepStartDate = _days(wanted)
    identifier.ScheduledProcedureStepSequence = [step]
    texts = f"{wanted.patient_name}{wanted.patient_id}{wanted.admission_id}{wanted.accession_number}"
    if not texts.isascii():
        identifier.SpecificCharacterSet = "ISO_IR 192"
    return identifier


def _days(wanted: Wanted) -> str:
    """A single day, or a range (PS3.4 C.2.2.2.5)."""
    since, until = (f"{day:%Y%m%d}" if day is not None else "" for day in (wanted.since, wanted.until))
    return since if since == until else f"{since}-{until}"


def _scheduled(entry: Dataset) -> Scheduled:
    step = next(iter(entry.get("ScheduledProcedureStepSequence") or ()), Dataset())
    described = _text(step, "ScheduledProcedureStepDescription") or _text(entry, "RequestedProcedureDescription")
    starts = (_text(step, f"ScheduledProcedureStepStart{part}") for part in ("Date", "Time"))
    return Scheduled(
        " ".join(starts).strip(),
        _text(step, "Modality"),
        _text(step, "ScheduledStationAETitle"),
        _text(entry, "PatientName"),
        _text(entry, "PatientID"),
        _text(entry, "PatientBirthDate"),
        _text(entry, "AccessionNumber"),
        described,
        entry,
    )


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value)


def lines(worklist: Worklist) -> Iterator[str]:
    """Every entry as text."""
    for number, entry in enumerate(worklist.entries, 1):
        yield f"# {number}\n{entry.dump}\n\n"
