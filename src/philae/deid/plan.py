"""What is going to happen to one instance."""

from dataclasses import dataclass

from philae.deid.pixels.order import PixelOrder
from philae.dicom.splice import Edit


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits of one instance, ascending, and the UIDs it has once they are made.

    ``excluded`` is the reason why the instance goes nowhere, None if it does. ``warnings`` tell what the profile could
    not add to this instance. ``pixels`` is what else has to happen before it may leave, None if the edits are all.
    """

    edits: tuple[Edit, ...]
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    excluded: str | None = None
    warnings: tuple[str, ...] = ()
    pixels: PixelOrder | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient an instance belongs to, as it came; empty where absent."""

    patient_id: str
    issuer: str
