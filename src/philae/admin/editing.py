"""Changes that people make to the configuration: checked as a whole, never over somebody else's, audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import yaml

from philae.admin.audit import Event
from philae.config.document import dump_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.admin.audit import AuditTrail
    from philae.config.model import Configuration
    from philae.pipeline.ports import Bell, ConfigStore

Tree = dict[str, Any]
"""A configuration document as YAML has it, without secrets."""
_ONE_AT_A_TIME: Final = Lock()


class ChangedMeanwhile(Exception):
    """Somebody else changed the same thing since it was read; nothing was changed now."""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody does: who, and how it is told in the audit trail."""

    actor: str
    action: str
    subject: str
    seen: int
    """The version of the configuration that they had before their eyes."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the configuration is changed."""

    configurations: ConfigStore
    audit: AuditTrail
    bell: Bell
    read_document: Callable[[str], Configuration]
    """Raises `DocumentFaults`."""

    def change(self, change: Change, edit: Callable[[Tree], None], part: Callable[[Tree], object]) -> Configuration:
        """Apply ``edit`` to the current document; what is current then.

        ``part`` picks what must be as it was in the version that was seen. Raises `ChangedMeanwhile`,
        `DocumentFaults`, `LedgerUnavailable`.
        """
        with _ONE_AT_A_TIME:
            before = self.configurations.current()
            tree = tree_of(before)
            if change.seen != before.version and part(self._seen(change.seen)) != part(tree):
                raise ChangedMeanwhile
            edit(tree)
            return self._apply(change, before, self.read_document(yaml.safe_dump(tree, allow_unicode=True)))

    def replace(self, change: Change, text: str) -> Configuration:
        """Make the document ``text`` the configuration. Raises as `change` does."""
        with _ONE_AT_A_TIME:
            before = self.configurations.current()
            if change.seen != before.version:
                raise ChangedMeanwhile
            return self._apply(change, before, self.read_document(text))

    def adopt(self, change: Change, make: Callable[[Configuration], Configuration]) -> Configuration:
        """Make current what ``make`` makes of the current configuration. Raises what it raises, and as `replace`."""
        with _ONE_AT_A_TIME:
            before = self.configurations.current()
            if change.seen != before.version:
                raise ChangedMeanwhile
            wanted = make(before)
            self.read_document(dump_document(wanted))  # for its faults only: a document holds no secrets
            return self._apply(change, before, wanted)

    def _apply(self, change: Change, before: Configuration, wanted: Configuration) -> Configuration:
        after = self.configurations.apply(wanted)
        if after.version != before.version:
            texts = dump_document(before), dump_document(after)
            self.audit.record(Event(datetime.now(UTC), change.actor, change.action, change.subject, *texts))
            self.bell.ring()
        return after

    def _seen(self, version: int) -> Tree:
        try:
            return tree_of(self.configurations.version(version))
        except LookupError:
            return {}


def tree_of(configuration: Configuration) -> Tree:
    """The configuration as its document has it."""
    tree: Tree = yaml.safe_load(dump_document(configuration))
    return tree


def named(items: list[Tree], key: str, name: str) -> Tree | None:
    """The item of a document's list that is called so."""
    return next((each for each in items if each.get(key) == name), None)
