"""File names made of the values that a delivered instance has."""

from __future__ import annotations

import re
from itertools import count
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.pipeline.model import Outgoing

FIELDS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID", "Modality")
BY_SERIES: Final = "{StudyInstanceUID}/{SeriesInstanceUID}/{SOPInstanceUID}.dcm"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")


def check_layout(layout: str) -> str:
    """The layout itself. Raises ValueError when it uses other fields or leads out of its folder."""
    try:
        name = layout.format_map(dict.fromkeys(FIELDS, "x"))
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise ValueError(f"layout may use {', '.join('{' + each + '}' for each in FIELDS)} only") from error
    if "{SOPInstanceUID}" not in layout or ".." in PurePosixPath(name).parts or name.startswith("/"):
        raise ValueError("layout must be relative, stay inside the folder and use {SOPInstanceUID}")
    return layout


def file_name(layout: str, outgoing: Outgoing) -> str:
    """The name of an instance below its folder; what could lead elsewhere is replaced."""
    found = outgoing.identifiers()
    values = {
        "StudyInstanceUID": found.study_instance_uid,
        "SeriesInstanceUID": found.series_instance_uid,
        "SOPInstanceUID": outgoing.sop_instance_uid,
        "PatientID": found.patient_id,
        "Modality": found.modality,
    }
    return layout.format_map({name: _UNSAFE.sub("_", value).strip(".") or "unknown" for name, value in values.items()})


def free_names(name: str) -> Iterator[str]:
    """``x.dcm``, then ``x.2.dcm``, ``x.3.dcm``: another instance with the same UID never replaces the first."""
    yield name
    suffix = PurePosixPath(name).suffix
    suffix = "" if suffix[1:].isdigit() else suffix  # the end of a UID is none
    for number in count(2):
        yield f"{name.removesuffix(suffix)}.{number}{suffix}"
