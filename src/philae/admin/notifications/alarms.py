"""What needs a person's attention, found in how the gateway stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.admin.notifications.mail import Mail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime, timedelta

    from philae.pipeline.commitments import Uncommitted

_NEAR: Final = 2.0
"""Less free than so many times the watermark is an alarm."""
_CLEAR: Final = 2.5
"""It ends with so much: a level that wavers is one alarm, not many."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs a person; ``key`` stays the same as long as it lasts."""

    key: str
    words: str
    remedy: str


NO_MAIL: Final = Alarm("mail", "destinations notify people, but no server takes mail", "set PHILAE_MAIL_HOST")


@dataclass(frozen=True, slots=True)
class DestinationHealth:
    """How it goes with one destination."""

    id: int
    name: str
    node: str
    held: int
    oldest_waiting: datetime | None = None
    """When the instance that has waited longest was accepted."""
    failing_since: datetime | None = None
    """From when on it could not be reached."""
    uncommitted: Uncommitted | None = None
    """What it has and has not committed itself to keep, where it is asked to."""


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of the spool, in bytes; below ``watermark`` nothing is accepted."""

    free: int
    watermark: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that somebody has to renew in time."""

    file: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Illness:
    """What the doctor found out about a destination when it was last examined."""

    id: int
    name: str
    node: str
    complaint: str
    advice: str


@dataclass(frozen=True, slots=True)
class Health:
    """How the gateway stands at one moment."""

    now: datetime
    destinations: Sequence[DestinationHealth] = ()
    disk: Disk | None = None
    certificates: Sequence[Certificate] = ()
    nobody_told: bool = False
    """Destinations notify people, and no server takes mail."""
    ill: Sequence[Illness] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is an alarm."""

    down: timedelta
    waiting: timedelta
    certificate: timedelta


def find_alarms(health: Health, limits: Limits, ongoing: Collection[str] = ()) -> tuple[Alarm, ...]:
    """Every alarm; ``ongoing`` are the keys of those that there were before."""
    return (
        *(alarm for each in health.destinations for alarm in _of_destination(each, health.now, limits)),
        *_of_disk(health.disk, ongoing),
        *(alarm for each in health.certificates for alarm in _of_certificate(each, health.now, limits)),
        *([NO_MAIL] if health.nobody_told else []),
        *map(_of_illness, health.ill),
    )


def _of_destination(each: DestinationHealth, now: datetime, limits: Limits) -> Iterator[Alarm]:
    what = f"destination {each.name} of {each.node}"
    if each.failing_since is not None and now - each.failing_since >= limits.down:
        since = each.failing_since.astimezone()
        yield Alarm(f"down:{each.id}", f"{what} cannot be reached since {since:%Y-%m-%d %H:%M %Z}", "look at its log")
    if each.oldest_waiting is not None and now - each.oldest_waiting >= limits.waiting:
        since = each.oldest_waiting.astimezone()
        words = f"an instance waits for {what} since {since:%Y-%m-%d %H:%M %Z}"
        yield Alarm(f"waiting:{each.id}", words, "see whether the receiver takes instances fast enough")
    if each.uncommitted is not None:
        yield from _of_uncommitted(each.uncommitted, f"commitment:{each.id}", what, now, limits)
    if each.held:
        yield Alarm(f"held:{each.id}", f"instances for {what} are held", "correct what holds them, then release them")


def _of_uncommitted(found: Uncommitted, key: str, what: str, now: datetime, limits: Limits) -> Iterator[Alarm]:
    """One that was asked again and again, and has been silent or out of reach for long."""
    if found.is_unanswered and now - found.since >= limits.down:
        words = f"{what} does not commit itself to what it was sent since {found.since.astimezone():%Y-%m-%d %H:%M %Z}"
        remedy = "see that it knows this gateway's AE title, address and port; our copies are kept until then"
        yield Alarm(key, words, found.reason or remedy)


def _of_disk(disk: Disk | None, ongoing: Collection[str]) -> Iterator[Alarm]:
    key = "disk"
    if disk is not None and disk.free < disk.watermark * (_CLEAR if key in ongoing else _NEAR):
        words = f"the disk of the spool has {disk.free >> 20} MiB free; below {disk.watermark >> 20} MiB nothing is accepted"
        yield Alarm(key, words, "free some space")


def _of_certificate(each: Certificate, now: datetime, limits: Limits) -> Iterator[Alarm]:
    if each.ends_at - now <= limits.certificate:
        verb = "ended" if each.ends_at <= now else "ends"
        words = f"the certificate in {each.file} {verb} on {each.ends_at:%Y-%m-%d}"
        yield Alarm(f"certificate:{each.file}", words, "renew it")


def _of_illness(each: Illness) -> Alarm:
    words = f"the doctor finds destination {each.name} of {each.node} ill: {each.complaint}"
    return Alarm(f"doctor:{each.id}", words, each.advice)


def alarm_mail(recipients: tuple[str, ...], began: Sequence[Alarm], ended: Sequence[Alarm]) -> Mail:
    """The mail that tells of what began and what is over; there is at least one."""
    first = f"ALARM: {began[0].words}" if began else f"over: {ended[0].words}"
    more = len(began) + len(ended) - 1
    lines = [
        *(f"ALARM: {each.words}; {each.remedy}." for each in began),
        *(f"Over: {each.words}." for each in ended),
    ]
    return Mail.of_lines(recipients, f"[Philae] {first}" + (f" (and {more} more)" if more else ""), lines)
