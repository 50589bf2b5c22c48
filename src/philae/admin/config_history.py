"""The versions of the configuration that there were, and going back to one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from philae.admin.declined import Declined
from philae.admin.editing import Change, Desk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from philae.config.configuration import Configuration


@dataclass(frozen=True, slots=True)
class Applied:
    """One version, and when it became current."""

    number: int
    at: datetime


class ConfigHistory(Protocol):
    """When versions became current. Raises `LedgerUnavailable`."""

    def versions(self, *, before: int | None, limit: int) -> Sequence[Applied]:
        """Newest first, those older than ``before`` if it is given."""


def version_of(desk: Desk, number: int) -> Configuration:
    """A version that there was. Raises `Declined`."""
    try:
        return desk.configurations.version(number)
    except LookupError:
        raise Declined(f"there is no version {number} of the configuration") from None


def go_back(desk: Desk, actor: str, number: int, seen: int | None) -> Configuration:
    """Make an old version, secrets included, the newest. Raises `Declined` and as `Desk` does."""
    wanted = version_of(desk, number)
    return desk.adopt(Change(actor, "configuration.undone", f"to version {number}", seen), lambda _: wanted)
