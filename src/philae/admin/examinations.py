"""What the doctor found out about destinations, and when: kept, so that people see since when one is ill."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from philae.admin.doctor import Verdict, examine, is_healthy
from philae.admin.notifications.alarms import Illness

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from philae.admin.doctor import Examination, Finding
    from philae.config.configuration import Configuration

KEPT: Final = 100
"""Of each destination, the newest."""
SCHEDULE: Final = "schedule"
"""The actor of examinations that were due."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One examination of a destination."""

    destination_id: int
    at: datetime
    actor: str
    """Who asked for it."""
    findings: Sequence[Finding]

    @property
    def is_healthy(self) -> bool:
        """Whether no step failed."""
        return is_healthy(self.findings)

    @property
    def complaint(self) -> Finding | None:
        """What failed."""
        return next((each for each in self.findings if each.verdict is Verdict.FAILED), None)

    def as_document(self) -> dict[str, object]:
        """For programs."""
        findings = [asdict(each) for each in self.findings]
        return {"at": self.at.isoformat(), "actor": self.actor, "healthy": self.is_healthy, "findings": findings}


class Examinations(Protocol):
    """The newest `KEPT` of each destination. Raises `LedgerUnavailable`."""

    def keep(self, examined: Examined) -> None: ...

    def of(self, destination_id: int, limit: int) -> Sequence[Examined]:
        """Newest first."""

    def newest(self, destinations: Collection[int]) -> Mapping[int, Examined]:
        """The last of each destination that was ever examined."""


def examine_and_keep(
    examination: Examination, destination_id: int, actor: str, book: Examinations
) -> Iterator[Finding]:
    """What each step finds out, as soon as it does; all of it is kept, unless nobody waits for the end."""
    at, findings = datetime.now(UTC), []
    for finding in examine(examination):
        findings.append(finding)
        yield finding
    book.keep(Examined(destination_id, at, actor, tuple(findings)))


def ill_destinations(book: Examinations, configuration: Configuration) -> tuple[Illness, ...]:
    """Those enabled in which a step failed when they were last examined, whoever asked for it."""
    enabled = {
        each.id: (node, each) for node in configuration.forward_nodes for each in node.destinations if each.enabled
    }
    found = []
    for number, examined in sorted(book.newest(enabled.keys()).items()):
        node, destination = enabled[number]
        complaint = examined.complaint
        if complaint is not None:
            words = f"{complaint.step}: {complaint.message}"
            found.append(Illness(number, destination.name, node.ae_title, words, complaint.advice))
    return tuple(found)
