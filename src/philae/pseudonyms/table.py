"""Pseudonyms that people imported or added for a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from philae.config.kinds import PseudonymSettings
from philae.deid.engine import patient_of
from philae.deid.errors import MissingPatientId, MissingPseudonym, NotInTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.deid.profile import Project
    from philae.dicom.scan import Encoded
    from philae.pipeline.ports import PseudonymTable


class TableSettings(PseudonymSettings):
    """``{kind: table}``; ``ignore_issuer: false`` where Patient IDs of several issuers meet."""

    kind_name: ClassVar[str] = "table"
    kind: Literal["table"] = "table"
    ignore_issuer: bool = True
    issuer_by_default: str = Field(default="", max_length=64)
    """The issuer of Patient IDs that come without; only with it is the issuer of an instance looked at."""

    @model_validator(mode="after")
    def _has_effect(self) -> Self:
        if self.ignore_issuer and self.issuer_by_default:
            raise ValueError("issuer_by_default has no effect while the issuer is ignored; add ignore_issuer: false")
        return self


class Table:
    """Looks the patient of a dataset up, by Patient ID and issuer."""

    def __init__(self, settings: TableSettings, project: Project, rows: PseudonymTable) -> None:
        self._settings = settings
        self._project = project.name
        self._rows = rows

    def pseudonym(self, encoded: Encoded) -> str:
        """Raises `NotInTable`, `MissingPatientId`; `MissingPseudonym` when it cannot be told which patient it is."""
        subject = patient_of(encoded)
        if not subject.patient_id.strip():
            raise MissingPatientId
        known = self._rows.of_patient(self._project, subject.patient_id)
        found = self._of_any_issuer(known) if self._settings.ignore_issuer else known.get(self._issuer(subject.issuer))
        if found is None:
            raise NotInTable(self._project)
        return found

    def _issuer(self, issuer: str) -> str:
        default = self._settings.issuer_by_default
        return issuer or default if default else ""

    def _of_any_issuer(self, known: Mapping[str, str]) -> str | None:
        """The one without issuer first, then the only one there is."""
        found = set(known.values()) if "" not in known else {known[""]}
        if len(found) > 1:
            raise MissingPseudonym(
                f"several patients in the table of project {self._project!r} have this Patient ID, by issuer;"
                " set ignore_issuer: false and issuer_by_default at the destination"
            )
        return found.pop() if found else None
