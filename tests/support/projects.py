"""A small configuration with projects that destinations use, and what people do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from philae.admin.audit import Event
from philae.config.configuration import Configuration
from philae.destinations.folder import FolderSettings
from philae.pseudonyms import SETTINGS
from tests.support.documents import PROFILE

SECRET = "0123456789abcdef0123456789abcdef"
KINDS = {"destination_kinds": {"folder": FolderSettings}, "pseudonym_kinds": SETTINGS}


def configuration(
    *projects: str, using: Sequence[str] = (), days: int | str = 7, way: str = "deidentify"
) -> Configuration:
    """Projects of these names with one secret; a destination for each of ``using``, that uses it in this ``way``."""
    destinations = [
        {
            "name": f"to {name}",
            way: {"project": name},
            "settings": {"kind": "folder", "path": str(Path("/out") / name)},
        }
        for name in using
    ]
    return Configuration.model_validate(
        {
            "profiles": [{"name": "research", "text": PROFILE.replace("Basic", "research", 1)}],
            "projects": [
                {"name": name, "profile": "research", "secret": SECRET, "pseudonym_days": days} for name in projects
            ],
            "forward_nodes": [{"ae_title": "PHILAE", "destinations": destinations}],
        },
        context=KINDS,
    )


@dataclass
class FakeAudit:
    """`philae.admin.audit.AuditTrail` in memory."""

    noted: list[Event] = field(default_factory=list)

    def record(self, event: Event) -> None:
        self.noted.append(event)

    def events(
        self, *, before: int | None, limit: int, actor: str = "", action: str = ""
    ) -> Sequence[tuple[int, Event]]:
        return list(enumerate(self.noted))[::-1][:limit]
