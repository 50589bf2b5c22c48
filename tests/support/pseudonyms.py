"""Tables of pseudonyms in memory, the sources that look into them and what people do with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from philae.admin.pseudonym_editing import PseudonymEditor
from philae.admin.pseudonyms import Collision, Entry, Page, Patient
from philae.deid.requests import Request
from philae.pseudonyms import PseudonymSources
from tests.support.projects import FakeAudit, configuration

ANNA = Patient("A1", "P-1")


@dataclass
class FakeTable:
    """`philae.pipeline.ports.PseudonymTable`: by project and Patient ID, pseudonyms by issuer."""

    rows: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def of_patient(self, project: str, patient_id: str) -> Mapping[str, str]:
        return self.rows.get((project, patient_id), {})

    def tend(self) -> int:
        return 0


def no_answer(request: Request) -> str | None:
    return None


pseudonym_source = PseudonymSources(FakeTable(), no_answer)


@dataclass
class ScriptedRows:
    """`philae.admin.pseudonyms.Pseudonyms` that answers as told."""

    collisions: list[Collision] = field(default_factory=list)
    added: list[tuple[str, datetime | None]] = field(default_factory=list)
    asked: list[Collection[str]] = field(default_factory=list)

    def add(self, project: str, patients: Sequence[Patient], expires_at: datetime | None) -> Sequence[Collision]:
        self.added.append((project, expires_at))
        return self.collisions

    def change(self, project: str, number: int, patient: Patient) -> Collision | None:
        if number != 1:
            raise LookupError(number)
        return next(iter(self.collisions), None)

    def delete(self, project: str, numbers: Collection[int]) -> int:
        return len(numbers)

    def clear(self, project: str) -> int:
        return 4

    def page(self, project: str, page: Page) -> Sequence[Entry]:
        return [Entry(1, project, ANNA, None)]

    def standing_for(self, pseudonym: str, projects: Collection[str]) -> Sequence[Entry]:
        self.asked.append(projects)
        return []

    def release(self) -> int:
        return 3


def editor(rows: ScriptedRows, audit: FakeAudit | None = None, days: int | str = 7) -> PseudonymEditor:
    return PseudonymEditor(configuration("Trial", "Spare", days=days), rows, audit or FakeAudit(), "tester")
