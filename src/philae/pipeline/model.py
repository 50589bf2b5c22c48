"""The values that travel along the path."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from philae.dicom.commitment import Reference
from philae.dicom.scan import Identifiers
from philae.dicom.syntax import transfer_syntax
from philae.pipeline.body import HEAD_BYTES, Body, identify_head
from philae.pipeline.outcome import State


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a sender announced about one instance, before its bytes."""

    called_ae_title: str
    calling_ae_title: str
    peer_host: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


class Repeat(IntEnum):
    """Whether the forward node had taken the same SOP Instance UID before. Values are stored in the ledger."""

    FIRST = 0
    SAME_BYTES = 1
    OTHER_BYTES = 2


@dataclass(frozen=True, slots=True)
class Instance:
    """One accepted instance: a row of the ledger and a file of the spool, both named by ``id``."""

    id: int
    """Grows with the time of acceptance (microseconds since 1970, shifted left by 10 bits of chance)."""
    node: str
    calling_ae_title: str
    peer_host: str
    identifiers: Identifiers
    transfer_syntax_uid: str
    size: int
    """Bytes of the spool file, file meta included."""
    digest: bytes
    """XXH3-128 of the dataset as received."""
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One instance on its way to one destination, as a lane claims it."""

    instance: Instance
    destination_id: int
    config_version: int
    """The configuration at acceptance: it pins profile and project."""
    attempts: int
    """Attempts that failed before this one."""


@dataclass(frozen=True, slots=True)
class StudyWords:
    """What a study says of itself, as it leaves: text, empty where absent."""

    description: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery ready for its destination."""

    delivery: Delivery
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    transfer_syntax_uid: str
    body: Body
    names: Identifiers | None = None
    """The identifiers that leave, where they are not the original's."""
    study: StudyWords | None = None
    """Where somebody is to be notified."""
    remark: str = ""
    """For the record: what was done to its pixels."""
    albums: tuple[str, ...] = ()
    """Of the destination: those that its series is to be shared with."""

    def identifiers(self) -> Identifiers:
        """The identifiers that the receiver will see."""
        return identify_head(self.body.head(HEAD_BYTES), transfer_syntax(self.transfer_syntax_uid))


@dataclass(frozen=True, slots=True)
class Excluded:
    """The instance does not go to this destination, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the target itself said of an instance that it has taken."""

    state: State
    detail: str = ""
    """The answer in words, for example ``0000H success`` or the path of a file."""
    code: str = ""
    """The status of the answer, where it has one, for example ``0000H`` or ``HTTP 200``."""
    is_uncommitted: bool = False
    """The target is still to be asked for storage commitment."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of one attempt, to be recorded."""

    delivery: Delivery
    state: State
    detail: str = ""
    code: str = ""
    """The receiver's status, or what kind of fault holds it."""
    sent: Identifiers | None = None
    """The identifiers that left, where they are not the original's."""
    not_before: datetime | None = None
    """For QUEUED: when to try again."""
    study: StudyWords | None = None
    """Where somebody is to be notified."""
    albums: tuple[str, ...] = ()
    """Of the destination: those that its series is to be shared with."""
    uncommitted: Reference | None = None
    """As the receiver knows it, if it is to be asked for storage commitment; until then our copy is needed."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One ordered stream of a destination's deliveries: those whose series falls on ``index`` of ``count``."""

    destination_id: int
    index: int
    count: int
