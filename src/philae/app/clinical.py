"""The clinical log: a JSON line for each instance that left de-identified or morphed, with its old and new UIDs."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from philae.pipeline.outcome import DELIVERED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.config.configuration import Configuration
    from philae.dicom.identify import Identifiers
    from philae.pipeline.model import Settlement
    from philae.pipeline.ports import ConfigStore

CLINICAL: Final = "philae.clinical"
"""The logger; a record is one line or several, as they are to be written, and to be kept from every other log."""
_log = logging.getLogger(CLINICAL)
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class _Rules:
    """By what rules a destination de-identified or morphed, in one version of the configuration."""

    node: str
    destination: str
    project: str
    profile: str
    rules_sha256: str


class ClinicalLog:
    """Writes what lanes have delivered. Safe for many threads."""

    def __init__(self, configurations: ConfigStore) -> None:
        self._configurations = configurations
        self._rules: dict[tuple[int, int], _Rules | None] = {}

    def note(self, settlements: Sequence[Settlement]) -> None:
        """Write a line for each that was confirmed by a destination that de-identifies or morphs."""
        if not _log.isEnabledFor(logging.INFO):
            return
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        lines = [
            _line(time, each, each.sent, rules)
            for each in settlements
            if each.state in DELIVERED and each.sent is not None and (rules := self._rules_of(each)) is not None
        ]
        if lines:
            _log.info("\n".join(lines))

    def _rules_of(self, settlement: Settlement) -> _Rules | None:
        key = (settlement.delivery.config_version, settlement.delivery.destination_id)
        if key not in self._rules:
            self._rules[key] = _rules(self._configurations.version(key[0]), key[1])
        return self._rules[key]


def _rules(configuration: Configuration, destination_id: int) -> _Rules | None:
    found = configuration.destination(destination_id)
    if found is None:
        return None
    node, destination = found
    project = configuration.project(destination.project)
    profile = configuration.profile(project.profile) if project is not None else None
    if project is None or profile is None:
        return None
    digest = sha256(profile.text.encode()).hexdigest()
    return _Rules(node.ae_title, destination.name, project.name, profile.name, digest)


def _line(time: str, settlement: Settlement, new: Identifiers, rules: _Rules) -> str:
    instance = settlement.delivery.instance
    old = instance.identifiers
    return _encode(
        {
            "time": time,
            "instance": instance.id,
            "node": rules.node,
            "destination": rules.destination,
            "state": settlement.state.name.lower(),
            "project": rules.project,
            "profile": rules.profile,
            "rules_sha256": rules.rules_sha256,
            "config_version": settlement.delivery.config_version,
            "sop_instance_uid": old.sop_instance_uid,
            "new_sop_instance_uid": new.sop_instance_uid,
            "series_instance_uid": old.series_instance_uid,
            "new_series_instance_uid": new.series_instance_uid,
        }
    )
