"""An invented patient and study, the same for the same seed."""

import hashlib
import random
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_NAMES = ("Amélie", "Björn", "Chiara", "Dario", "Élodie", "Jürg", "Noémie", "Zoë")
LAST_NAMES = ("Bühlmann", "Corbaz", "Dällenbach", "Favre", "Müller", "Pittet", "Rüegg", "Schönenberger")
STREETS = ("Rue du Lac", "Bahnhofstrasse", "Chemin des Vignes", "Marktgasse")
TOWNS = ("1003 Lausanne", "3011 Bern", "1204 Genève", "8001 Zürich")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who was examined, when, by whom: everything a de-identification has to take out."""

    seed: int
    patient_name: str
    mother_birth_name: str
    patient_id: str
    national_id: str
    birth_date: date
    sex: str
    address: str
    telephone: str
    accession_number: str
    study_date: date
    referring_physician: str
    operator: str
    institution: str

    @property
    def age(self) -> str:
        """Age at the study in years, as the standard's AS."""
        return f"{(self.study_date - self.birth_date).days // 365:03d}Y"

    def uid(self, what: str) -> str:
        """The UID of ``what`` in this study, derived from the seed (PS3.5 B.2)."""
        digest = hashlib.sha256(f"philae demo study {self.seed}: {what}".encode()).digest()
        return f"2.25.{int.from_bytes(digest[:16])}"


def invent(seed: int) -> Identity:
    """Return the identity that belongs to ``seed``."""
    dice = random.Random(seed)  # noqa: S311 - the same seed must give the same patient
    first, last = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    number = dice.randrange(100_000, 1_000_000)
    return Identity(
        seed=seed,
        patient_name=f"{last}^{first}",
        mother_birth_name=f"{dice.choice(LAST_NAMES)}^Rosa",
        patient_id=f"HOSP-{number}",
        national_id=f"756.{dice.randrange(1000, 10000)}.{dice.randrange(1000, 10000)}.{dice.randrange(10, 100)}",
        birth_date=date(1940, 1, 1) + timedelta(days=dice.randrange(365 * 60)),
        sex=dice.choice("FM"),
        address=f"{dice.choice(STREETS)} {dice.randrange(1, 99)}, {dice.choice(TOWNS)}",
        telephone=f"+41 21 555 {dice.randrange(10, 100)} {dice.randrange(10, 100)}",
        accession_number=f"A{number * 7 % 10_000_000:07d}",
        study_date=date(2024, 1, 8) + timedelta(days=dice.randrange(300)),
        referring_physician=f"{dice.choice(LAST_NAMES)}^Hans^^Dr. med.",
        operator=f"{dice.choice(LAST_NAMES)}^Nina",
        institution="Clinique des Exemples",
    )
