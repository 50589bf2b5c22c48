"""The rules that deliveries went out under."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from philae.config.configuration import Configuration
    from philae.pipeline.ports import ConfigStore

_DIGITS: Final = 16


class AppliedRules(NamedTuple):
    """A project and its profile as they were at acceptance, or when the delivery was released; empty without."""

    project: str = ""
    profile: str = ""
    digest: str = ""
    """The first digits of the SHA-256 of the profile's text: the same rules have the same."""


class RuleBook:
    """Remembers the rules of every version of the configuration that it was asked about."""

    def __init__(self, configurations: ConfigStore) -> None:
        self._configurations = configurations
        self._known: dict[tuple[int, int], AppliedRules] = {}

    def rules_of(self, config_version: int, destination_id: int) -> AppliedRules:
        """Raises `LedgerUnavailable`."""
        key = config_version, destination_id
        if key not in self._known:
            self._known[key] = self._read(config_version, destination_id)
        return self._known[key]

    def _read(self, config_version: int, destination_id: int) -> AppliedRules:
        try:
            return _rules_of(self._configurations.version(config_version), destination_id)
        except LookupError:
            return AppliedRules()


def _rules_of(configuration: Configuration, destination_id: int) -> AppliedRules:
    found = configuration.destination(destination_id)
    project = configuration.project(found[1].project) if found else None
    profile = configuration.profile(project.profile) if project else None
    if project is None or profile is None:
        return AppliedRules()
    return AppliedRules(project.name, profile.name, sha256(profile.text.encode()).hexdigest()[:_DIGITS])
