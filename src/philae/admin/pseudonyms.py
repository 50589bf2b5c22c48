"""The table of pseudonyms: who a pseudonym stands for in a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

LONGEST: Final = 50
"""Characters of each text."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient as hospitals know them, and the pseudonym that stands for them in a project."""

    patient_id: str = field(repr=False)
    pseudonym: str = field(repr=False)
    issuer: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table."""

    id: int
    project: str
    patient: Patient
    expires_at: datetime | None
    """None: it stays."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a project to show: those that contain the texts, after number ``after``."""

    limit: int = 100
    after: int = 0
    contains: Patient = Patient("", "")


@dataclass(frozen=True, slots=True)
class Collision:
    """A row that cannot be stored, by its place in what was given: who has its patient, or its pseudonym, already."""

    index: int
    same_patient: bool

    @property
    def words(self) -> str:
        """What is wrong, and what to do."""
        whose = "the patient has another pseudonym" if self.same_patient else "the pseudonym stands for another patient"
        return f"{whose} in the table already; change or delete that row first"


class Pseudonyms(Protocol):
    """The rows, by project. Each method is one transaction; rows that have expired count as gone.

    Every method raises `LedgerUnavailable`.
    """

    def add(self, project: str, patients: Sequence[Patient], expires_at: datetime | None) -> Sequence[Collision]:
        """Add all, or none if any collides with a row; a row that is there already, as it is, lives on as if new."""

    def change(self, project: str, number: int, patient: Patient) -> Collision | None:
        """Put a patient in the place of another. Raises `LookupError` when there is no such row."""

    def delete(self, project: str, numbers: Collection[int]) -> int:
        """How many there were."""

    def clear(self, project: str) -> int:
        """Delete every row of the project; how many there were."""

    def page(self, project: str, page: Page) -> Sequence[Entry]:
        """In the order in which they were added."""

    def standing_for(self, pseudonym: str, projects: Collection[str]) -> Sequence[Entry]:
        """Who has exactly this pseudonym, letter case included, in each of the projects."""

    def release(self) -> int:
        """Queue the deliveries again that were held because the table did not know their patient; how many."""


def check_patient(patient: Patient) -> str | None:
    """What is wrong with a row, without any of its values."""
    return next(iter(faults_of(patient).values()), None)


def faults_of(patient: Patient) -> dict[str, str]:
    """The same for each field that has a fault, by its name."""
    names = ("patient_id", "pseudonym", "issuer", "last_name", "first_name")
    faults = {name: _fault(name, getattr(patient, name)) for name in names}
    return {name: words for name, words in faults.items() if words}


def _fault(name: str, text: str) -> str:
    words = name.replace("_", " ")
    if len(text) > LONGEST:
        return f"the {words} has more than {LONGEST} characters"
    if not text.isprintable() or "\\" in text:
        return f"the {words} holds a character that DICOM does not allow there"
    if not text.strip() and name in ("patient_id", "pseudonym"):
        return f"the {words} is missing"
    return ""
