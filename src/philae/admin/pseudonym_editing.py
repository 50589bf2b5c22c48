"""What people do with the table of pseudonyms: add, correct, delete, list, look up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from philae.admin.audit import Event
from philae.admin.declined import Declined, Missing
from philae.admin.projects import project_named
from philae.admin.pseudonyms import check_patient

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from philae.admin.audit import AuditTrail
    from philae.admin.pseudonyms import Collision, Entry, Page, Patient, Pseudonyms
    from philae.config.configuration import Configuration
    from philae.config.project import ProjectSettings


class Collisions(Exception):
    """Rows that were not stored, and none of those beside them."""

    def __init__(self, collisions: Sequence[Collision]) -> None:
        super().__init__(f"{len(collisions)} rows collide with the table; nothing was stored")
        self.collisions = collisions


@dataclass(frozen=True, slots=True)
class PseudonymEditor:
    """What a person may do with the table; everything is audited, without anybody's values."""

    configuration: Configuration
    rows: Pseudonyms
    audit: AuditTrail
    actor: str

    def add(self, project: str, patients: Sequence[Patient], now: datetime) -> int:
        """Add checked patients and release what waited for them; how many deliveries. Raises `Collisions`, `Declined`."""
        settings = project_named(self.configuration, project)
        collisions = self.rows.add(project, patients, expiry(settings, now))
        if collisions:
            raise Collisions(collisions)
        self._record(now, "pseudonyms.add", project, f"{len(patients)} rows")
        return self.rows.release()

    def change(self, project: str, number: int, patient: Patient, now: datetime) -> int:
        """Correct a row and release what waited for it; how many deliveries. Raises `Collisions`, `Declined`."""
        _check(patient)
        try:
            collision = self.rows.change(project, number, patient)
        except LookupError:
            raise Missing(f"the table of project {project!r} has no row {number}") from None
        if collision is not None:
            raise Collisions([collision])
        self._record(now, "pseudonyms.change", project, f"row {number}")
        return self.rows.release()

    def add_one(self, project: str, patient: Patient, now: datetime) -> int:
        """Add a patient; see `add`."""
        _check(patient)
        return self.add(project, [patient], now)

    def delete(self, project: str, numbers: Collection[int], now: datetime) -> int:
        """Delete these rows; how many there were."""
        deleted = self.rows.delete(project, numbers)
        self._record(now, "pseudonyms.delete", project, f"{deleted} rows")
        return deleted

    def clear(self, project: str, now: datetime) -> int:
        """Delete all rows of a project, which need not be configured any more; how many there were."""
        deleted = self.rows.clear(project)
        self._record(now, "pseudonyms.clear", project, f"{deleted} rows")
        return deleted

    def page(self, project: str, page: Page, now: datetime) -> Sequence[Entry]:
        """Rows with everything that they say. Raises `Declined`."""
        project_named(self.configuration, project)
        found = self.rows.page(project, page)
        self._record(now, "pseudonyms.list", project, f"{len(found)} rows")
        return found

    def lookup(self, pseudonym: str, now: datetime, project: str = "") -> Sequence[Entry]:
        """Who has this pseudonym, in one project or in each. Raises `Declined` for an unknown project."""
        names = [project_named(self.configuration, project).name] if project else self._projects()
        found = self.rows.standing_for(pseudonym, names)
        self._record(now, "pseudonyms.lookup", project or "all projects", f"{len(found)} found")
        return found

    def _projects(self) -> list[str]:
        return [each.name for each in self.configuration.projects]

    def _record(self, now: datetime, action: str, project: str, what: str) -> None:
        self.audit.record(Event(now, self.actor, action, project, after=what))


def expiry(project: ProjectSettings, now: datetime) -> datetime | None:
    """Until when a row stays that is added now."""
    days = project.pseudonym_days
    return None if days == "forever" else now + timedelta(days=days)


def _check(patient: Patient) -> None:
    fault = check_patient(patient)
    if fault is not None:
        raise Declined(fault)
