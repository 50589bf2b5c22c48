"""Mails before they are sent, and the box in which they wait."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Self

    from philae.admin.notifications.notice import Notice


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is to be read: the same in plain text and in HTML."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str

    @classmethod
    def of_lines(cls, recipients: tuple[str, ...], subject: str, lines: Sequence[str]) -> Self:
        """A mail of a few plain lines."""
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
        html = f'<!doctype html><html lang="en"><body style="font-family:sans-serif">{paragraphs}</body></html>'
        return cls(recipients, subject, "\n".join(lines), html)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that waits in the outbox."""

    id: int
    mail: Mail
    written_at: datetime
    attempts: int
    """Attempts to send it that were begun, this one included."""


class OpenStudy(NamedTuple):
    """A study about which something is to be told."""

    destination_id: int
    study_instance_uid: str
    """As it came."""
    since: datetime
    """When the first of what is to be told happened."""


class Outbox(Protocol):
    """What is to be told and the mails that tell it; they outlive the process. Raises `LedgerUnavailable`."""

    def open_studies(self) -> Sequence[OpenStudy]:
        """Studies about which nobody has been told everything yet."""

    def tell(self, study: OpenStudy, compose: Callable[[Sequence[Notice]], Mail | None]) -> bool:
        """Put a mail about everything known of the study in the place of its notices, at once or not at all.

        Whether there was one: another process may have been faster.
        """

    def claim(self, now: datetime) -> Waiting | None:
        """The next mail that is due; nobody else gets it within the next minutes, even if this process dies."""

    def sent(self, number: int) -> None:
        """The server has it: forget it."""

    def postpone(self, number: int, until: datetime) -> None:
        """It could not be sent now."""
