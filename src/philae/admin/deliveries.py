"""What became of every instance at every destination: how people look for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from typing_extensions import override

from philae.admin.declined import Declined
from philae.pipeline.outcome import DELIVERED, WAITING, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

LARGEST_PAGE: Final = 1000
MOST_COUNTED: Final = 1000
_EXPORTED_AT_ONCE: Final = 2000
KEY: Final = "([0-7]?[0-9a-f]{1,15})-([0-9]{1,9})"
"""A pattern that the name of every delivery has: its instance's number has 63 bits."""
_KEY: Final = re.compile(KEY)


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
        if found is None:
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


Row = Sequence[Any]
"""`Facts` as the database has them: moments in microseconds since 1970 (0: none), the state as its number."""


class DeliveryBook(Protocol):
    """Where deliveries are looked up. Raises `LedgerUnavailable`."""

    def page(self, wanted: Wanted, after: Key | None, limit: int) -> Sequence[Facts]:
        """At most ``limit`` deliveries, newest first, those older than ``after`` if it is given."""

    def count(self, wanted: Wanted, at_most: int) -> int:
        """How many there are; nobody counts further than ``at_most``."""

    def one(self, key: Key) -> Facts | None:
        """One delivery; None if there is none or it was forgotten."""


class DeliveryRows(Protocol):
    """Where many deliveries are read at once. Raises `LedgerUnavailable`."""

    def rows(self, wanted: Wanted, after: Key | None, limit: int) -> Sequence[Row]:
        """What `DeliveryBook.page` is made of."""


class Deliveries(DeliveryBook, DeliveryRows, Protocol):
    """Both."""


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


def every_row(book: DeliveryRows, wanted: Wanted) -> Iterator[Sequence[Row]]:
    """The same by the thousand, for those who write them. Raises `LedgerUnavailable`."""
    after: Key | None = None
    while found := book.rows(wanted, after, _EXPORTED_AT_ONCE):
        yield found
        after = Key(*found[-1][:2])
