"""What is going to happen to one instance."""

from dataclasses import dataclass

from philae.dicom.splice import Edit


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits of one instance, ascending, and the UIDs it has once they are made.

    ``excluded`` is the reason why the instance goes nowhere, None if it does.
    """

    edits: tuple[Edit, ...]
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient an instance belongs to, as it came; empty where absent."""

    patient_id: str
    issuer: str
