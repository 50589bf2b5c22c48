"""Pseudonyms derived from Patient ID, issuer and project secret: readable, repeatable, nothing to look up."""

from typing import ClassVar, Literal

from philae.config.kinds import PseudonymSettings
from philae.deid.engine import patient_of
from philae.deid.keys import Keys, derived_pseudonym
from philae.deid.profile import Project
from philae.dicom.scan import Encoded


class DerivedSettings(PseudonymSettings):
    """``{kind: derived}``: nothing to set."""

    kind_name: ClassVar[str] = "derived"
    kind: Literal["derived"] = "derived"


class Derived:
    """Derives the pseudonym of a dataset's patient."""

    def __init__(self, _settings: DerivedSettings, project: Project) -> None:
        self._keys = Keys(project.secret, project.hash_encoding)

    def pseudonym(self, encoded: Encoded) -> str:
        """Such as ``P-7QX4-M2KD-9T3C``. Raises `MissingPatientId`."""
        subject = patient_of(encoded)
        return derived_pseudonym(self._keys, subject.patient_id, subject.issuer)
