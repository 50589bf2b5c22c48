"""What the path needs from the world, as protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from philae.config.configuration import Configuration
    from philae.config.web_services import WebServiceSettings
    from philae.deid.requests import Reply, Request
    from philae.dicom.scan import Encoded
    from philae.pipeline.circuit import Trouble
    from philae.pipeline.model import Delivery, Incoming, Instance, Lane, Outgoing, Receipt, Settlement
    from philae.pipeline.outcome import Refused, State, TryAgain
    from philae.pipeline.retention import Retention


class SpoolFull(Exception):
    """The spool cannot take more: the watermark is reached or the disk refused a write."""


class SpoolFileMissing(Exception):
    """The ledger knows an instance whose bytes are not in the spool."""


class LedgerUnavailable(Exception):
    """The database did not answer or refused a change; nothing was changed, time may heal it."""


class NotRecorded(LedgerUnavailable):
    """The ledger could not record an instance: it is not accepted.

    Its file is left to the orphan sweep: a broken connection may have hidden that the row was written after all.
    """


class SpoolFile(Protocol):
    """The stored bytes of one accepted instance, open for reading."""

    @property
    def encoded(self) -> Encoded:
        """The dataset inside the file, mapped, not read."""

    def blocks(self, start: int, end: int) -> Iterator[memoryview]:
        """The bytes of a range, in pieces that keep memory bounded; they stay as they are while they are held."""

    def close(self) -> None:
        """Unmap and close."""


class SpoolDraft(Protocol):
    """An instance that is still arriving."""

    @property
    def id(self) -> int:
        """The id that the instance will have."""

    @property
    def head(self) -> bytes:
        """The first bytes of the dataset, at most 64 KiB."""

    def write(self, parts: Sequence[memoryview]) -> None:
        """Append dataset bytes. Raises `SpoolFull`."""

    def keep(self) -> tuple[int, bytes]:
        """Make the bytes durable and return the file's size and the dataset's digest. Raises `SpoolFull`."""

    def discard(self) -> None:
        """Delete what has been written."""


class Spool(Protocol):
    """Where accepted bytes wait. A file that no row of the ledger names is not accepted."""

    def draft(self, incoming: Incoming) -> SpoolDraft:
        """Begin a new file; never an existing one. Raises `SpoolFull` above the watermark."""

    def open(self, instance: Instance) -> SpoolFile:
        """Open an accepted instance. Raises `SpoolFileMissing`."""

    def drop(self, instance_ids: Iterable[int]) -> None:
        """Delete files; those already gone are no error."""

    def ids(self, older_than: timedelta) -> Iterator[int]:
        """Ids of the files that were last written longer ago than this."""


class Ledger(Protocol):
    """The record of every instance and delivery. Each method is one transaction. Raises `LedgerUnavailable`."""

    def open(self, instance: Instance, destination_ids: Sequence[int], config_version: int) -> None:
        """Record an instance and one delivery per destination, durably when this returns. Raises `NotRecorded`."""

    def acquire(self, lanes: Collection[Lane], worker: str, lease: timedelta) -> set[Lane]:
        """Take or renew the lanes that no other worker holds a live lease of, and return those held now.

        Deliveries that the lane's former holder left SENDING are QUEUED again.
        """

    def release(self, worker: str) -> None:
        """End a worker's leases and queue again what it was sending."""

    def claim(self, lane: Lane, worker: str, limit: int, now: datetime) -> list[Delivery]:
        """Move up to ``limit`` due deliveries of a lane to SENDING, oldest first."""

    def queued(self) -> set[int]:
        """Ids of the destinations that have QUEUED deliveries, due or not."""

    def settle(self, settlements: Sequence[Settlement], worker: str) -> None:
        """Record the ends of attempts. Those that ``worker`` no longer holds are ignored."""

    def states_of(self, instance_id: int) -> Collection[State]:
        """Where each delivery of an instance stands."""

    def finished(self, limit: int) -> list[int]:
        """Ids of instances whose every delivery is finished and whose file may be dropped."""

    def dropped(self, instance_ids: Collection[int]) -> None:
        """Record, durably, that the files of these instances are about to be dropped."""

    def known(self, instance_ids: Collection[int]) -> set[int]:
        """Which of these instances have a row and a file that is not about to be dropped."""

    def reconcile(self, now: datetime) -> int:
        """Queue again every delivery that is SENDING without a live lease; return how many."""

    def forget(self, retention: Retention, now: datetime, limit: int) -> bool:
        """Look at ``limit`` more instances that are finished everywhere, and forget those that retention does not keep.

        Returns whether there may be more. The counts stay as they are.
        """

    def note_contact(self, destination_id: int, trouble: Trouble | None) -> None:
        """Remember for people that a destination cannot be reached, or that it can."""

    def down_since(self, destination_id: int) -> datetime | None:
        """From when on a destination cannot be reached, as noted last."""

    def counts(self) -> Counts:
        """The accounting identity's terms."""


class Counts(Protocol):
    """How many instances were accepted and where their deliveries stand."""

    @property
    def accepted(self) -> int:
        """Instances ever accepted."""

    @property
    def opened(self) -> int:
        """Deliveries ever opened, counted on their own."""

    @property
    def by_destination(self) -> Mapping[int, Mapping[State, int]]:
        """Deliveries per destination and state."""


class Fallbacks(Protocol):
    """Deliveries to the fallbacks of destinations. Raises `LedgerUnavailable`."""

    def open(
        self, destination_id: int, fallback_id: int, config_version: int, states: Collection[State], limit: int
    ) -> int:
        """Open a delivery to the fallback for up to ``limit`` instances, of each state, that have none yet.

        They are those whose delivery to the destination is in one of ``states``; that delivery stays as it is.
        Returns how many were opened.
        """


class ConfigStore(Protocol):
    """The versions of the configuration."""

    def current(self) -> Configuration:
        """The newest version; an empty one, version 0, before the first was applied."""

    def version(self, number: int) -> Configuration:
        """A version by its number; versions never change."""


class Sender(Protocol):
    """A connection to one destination, used by one lane at a time and kept open between batches."""

    def deliver(
        self, wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Receipt | TryAgain | Refused]]:
        """Send each instance and yield what the target said of it.

        ``wanted``: (SOP Class UID, Transfer Syntax UID) pairs that the batch holds. Raises `TryAgain` when the
        target cannot be reached at all; what was not yielded counts as not tried.
        """

    def close(self) -> None:
        """Take leave of the target."""


class PseudonymSource(Protocol):
    """Where a subject's pseudonym comes from."""

    def pseudonym(self, encoded: Encoded) -> str:
        """The pseudonym of the dataset's subject. Raises `DeidError` when there is none."""


class PseudonymTable(Protocol):
    """What people have said about who has which pseudonym. Each method raises `LedgerUnavailable`."""

    def of_patient(self, project: str, patient_id: str) -> Mapping[str, str]:
        """Pseudonyms by issuer of the Patient ID, in the order in which they were added."""

    def tend(self) -> int:
        """Forget what has expired; queue deliveries again that waited for a patient who is known now; how many."""


class AskWebServices(Protocol):
    """Gets what profiles want to know from web services."""

    def __call__(self, settings: WebServiceSettings, requests: Collection[Request]) -> Mapping[Request, Reply]:
        """An answer, or the reason why there is none, for each request."""


class WebAnswer(Protocol):
    """Asks a web service one thing."""

    def __call__(self, request: Request) -> str | None:
        """The body of its answer; None when it knows nothing by that name (404).

        Raises `Busy` when time may heal it, `DeidError` when a person has to look.
        """


class Bell(Protocol):
    """How one process tells the others that there is something to do."""

    def ring(self) -> None:
        """Wake every waiting process."""

    def wait(self, timeout_s: float) -> bool:
        """Return when the bell rings or the time is over; whether it rang."""
