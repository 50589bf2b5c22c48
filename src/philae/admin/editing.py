"""Changes that people make to the configuration: checked as a whole, never over somebody else's, audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import yaml

from philae.admin.audit import Event
from philae.admin.declined import ChangedMeanwhile
from philae.admin.project_secrets import fingerprint
from philae.config.document import dump_document
from philae.deid.keys import parse_secret
from philae.pipeline.ports import ConfigStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.admin.audit import AuditTrail
    from philae.config.configuration import Configuration
    from philae.pipeline.ports import Bell

Tree = dict[str, Any]
"""A configuration document as YAML has it, without secrets."""
_ATTEMPTS: Final = 10
"""Each fails only because somebody else changed something else in the same moment."""


class Versions(ConfigStore, Protocol):
    """The versions of the configuration, and the next one."""

    def apply(self, configuration: Configuration, *, seen: int | None = None) -> Configuration:
        """Store as the next version, unless it equals the current one; return what is current now.

        Raises `ChangedMeanwhile` unless version ``seen``, if it is given, is the current one in the same transaction;
        `DocumentFaults` for a secret that is left to what is stored and is not; `LedgerUnavailable`.
        """


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody does: who, and how it is told in the audit trail."""

    actor: str
    action: str
    subject: str
    seen: int | None = None
    """The version of the configuration that they had before their eyes; None: whatever is current."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the configuration is changed; every method raises `ChangedMeanwhile`, `DocumentFaults`, `LedgerUnavailable`."""

    configurations: Versions
    audit: AuditTrail
    bell: Bell
    read_document: Callable[[str], Configuration]
    """Raises `DocumentFaults`."""

    def change(self, change: Change, edit: Callable[[Tree], None], part: Callable[[Tree], object]) -> Configuration:
        """Apply ``edit`` to the current document; what is current then.

        ``part`` picks what must be as it was in the version that was seen.
        """

        def edited(before: Configuration) -> Configuration:
            tree = tree_of(before)
            if change.seen not in (None, before.version) and part(self._seen(change.seen)) != part(tree):
                raise ChangedMeanwhile
            edit(tree)
            return self.read_document(yaml.safe_dump(tree, allow_unicode=True))

        return self._settle(change, edited)

    def replace(self, change: Change, text: str) -> Configuration:
        """Make the document ``text`` the configuration."""
        wanted = self.read_document(text)
        return self.adopt(change, lambda _: wanted)

    def adopt(self, change: Change, make: Callable[[Configuration], Configuration]) -> Configuration:
        """Make current what ``make`` makes of the current configuration. Raises what it raises, too."""

        def made(before: Configuration) -> Configuration:
            if change.seen not in (None, before.version):
                raise ChangedMeanwhile
            wanted = make(before)
            self.read_document(dump_document(wanted))  # for its faults only: a document holds no secrets
            return wanted

        return self._settle(change, made)

    def _settle(self, change: Change, make: Callable[[Configuration], Configuration]) -> Configuration:
        """What ``make`` makes of the current version takes its place, and of no other."""
        for _ in range(_ATTEMPTS):
            before = self.configurations.current()
            wanted = make(before)
            try:
                after = self.configurations.apply(wanted, seen=before.version)
            except ChangedMeanwhile:
                continue
            if after.version != before.version:
                texts = audited(before), audited(after)
                self.audit.record(Event(datetime.now(UTC), change.actor, change.action, change.subject, *texts))
                self.bell.ring()
            return after
        raise ChangedMeanwhile

    def _seen(self, version: int | None) -> Tree:
        try:
            return tree_of(self.configurations.version(version or 0))
        except LookupError:
            return {}


def tree_of(configuration: Configuration) -> Tree:
    """The configuration as its document has it."""
    tree: Tree = yaml.safe_load(dump_document(configuration))
    return tree


def named(items: list[Tree], key: str, name: str) -> Tree | None:
    """The item of a document's list that is called so."""
    return next((each for each in items if each.get(key) == name), None)


def audited(configuration: Configuration) -> str:
    """The document; by their fingerprints it tells as well when secrets of projects changed."""
    marks = (
        f"# project {each.name!r} has secret {fingerprint(parse_secret(each.secret))}\n"
        for each in configuration.projects
        if each.secret is not None
    )
    return dump_document(configuration) + "".join(marks)
