"""What became of every instance at every destination: how people look for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from typing_extensions import override

from philae.admin.declined import Declined
from philae.pipeline.outcome import DELIVERED, WAITING, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

LARGEST_PAGE: Final = 1000
MOST_COUNTED: Final = 1000
_EXPORTED_AT_ONCE: Final = 2000
_KEY: Final = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,9})")
_LARGEST_ID: Final = (1 << 63) - 1


class Status(Enum):
    """Where deliveries stand, in the words of the Monitoring page."""

    SENT = "sent"
    NOT_SENT = "not-sent"
    WAITING = "waiting"
    EXCLUDED = "excluded"
    ERROR = "error"
    HELD = "held"
    FAILED = "failed"

    @property
    def states(self) -> frozenset[State]:
        """The states that this word stands for."""
        return _STATES[self]


_STATES: Final = {
    Status.SENT: DELIVERED,
    Status.NOT_SENT: frozenset(State) - DELIVERED,
    Status.WAITING: WAITING,
    Status.EXCLUDED: frozenset({State.EXCLUDED}),
    Status.ERROR: frozenset({State.HELD, State.FAILED}),
    Status.HELD: frozenset({State.HELD}),
    Status.FAILED: frozenset({State.FAILED}),
}


class Key(NamedTuple):
    """What a delivery is known by for ever; a larger one was accepted later."""

    instance_id: int
    destination_id: int

    @override
    def __str__(self) -> str:
        """As people name it, for example ``18c8a1b3c4d00f3a-3``: the name of the spool file, the destination's number."""
        return f"{self.instance_id:x}-{self.destination_id}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Raises `Declined` when it is no name of a delivery."""
        found = _KEY.fullmatch(text)
        if found is None or int(found[1], 16) > _LARGEST_ID:
            raise Declined(f"{text!r} names no delivery; write one as `philae deliveries list` does")
        return cls(int(found[1], 16), int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which deliveries somebody looks for; what is empty is not asked about. UIDs and Patient IDs match as a whole."""

    since: datetime | None = None
    """From when the instance began to arrive."""
    until: datetime | None = None
    """Before when it began to arrive."""
    study_instance_uid: str = ""
    """As it came or as it left; so are the next three."""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    patient_id: str = ""
    states: frozenset[State] = frozenset()
    node: str = ""
    destination: str = ""
    """Its name; together with ``node`` there is one of it."""
    code: str = ""
    """The receiver's status, or what kind of fault holds it."""


class Facts(NamedTuple):
    """Everything that is known of one delivery. A tuple: an export makes fifty thousand of them a second."""

    instance_id: int
    destination_id: int
    received_at: datetime
    changed_at: datetime
    not_before: datetime | None
    """A queued delivery is not tried again before."""
    attempts: int
    """Those that failed."""
    size: int
    """Bytes of the instance as it came."""
    config_version: int
    """It says under which profile and project."""
    state: State
    code: str
    """The receiver's status, such as ``A700H``; of a held delivery what kind of fault holds it."""
    reason: str
    node: str
    destination: str
    calling_ae_title: str
    peer_host: str
    modality: str
    sop_class_uid: str
    transfer_syntax_uid: str
    patient_id: str
    issuer_of_patient_id: str
    accession_number: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sent_patient_id: str
    """As it left; the five are empty unless it was delivered."""
    sent_accession_number: str
    sent_study_instance_uid: str
    sent_series_instance_uid: str
    sent_sop_instance_uid: str

    @property
    def key(self) -> Key:
        """What it is known by."""
        return Key(self.instance_id, self.destination_id)


class DeliveryBook(Protocol):
    """Where deliveries are looked up. Raises `LedgerUnavailable`."""

    def page(self, wanted: Wanted, after: Key | None, limit: int) -> Sequence[Facts]:
        """At most ``limit`` deliveries, newest first, those older than ``after`` if it is given."""

    def count(self, wanted: Wanted, at_most: int) -> int:
        """How many there are; nobody counts further than ``at_most``."""

    def one(self, key: Key) -> Facts | None:
        """One delivery; None if there is none or it was forgotten."""


@dataclass(frozen=True, slots=True)
class Page:
    """Deliveries, newest first."""

    deliveries: Sequence[Facts]
    after: Key | None
    """Where the next page begins, however much arrives meanwhile; None after the last one."""


def page_of(book: DeliveryBook, wanted: Wanted, after: Key | None = None, limit: int = 50) -> Page:
    """The next deliveries, at most `LARGEST_PAGE` of them. Raises `LedgerUnavailable`."""
    limit = max(1, min(limit, LARGEST_PAGE))
    found = book.page(wanted, after, limit + 1)
    deliveries = found[:limit]
    return Page(deliveries, deliveries[-1].key if len(found) > limit else None)


def every_one(book: DeliveryBook, wanted: Wanted) -> Iterator[Facts]:
    """All of them, newest first, in bounded memory and without a transaction that lasts. Raises `LedgerUnavailable`."""
    after: Key | None = None
    while found := book.page(wanted, after, _EXPORTED_AT_ONCE):
        yield from found
        after = found[-1].key
