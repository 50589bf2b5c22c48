"""The faces of the series in a folder, looked at before its files are worked off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.deid.elements.clean_recognizable_visual_features import CleanRecognizableVisualFeatures
from philae.deid.errors import DeidError
from philae.deid.files.instance_file import DirectoryFile, InstanceFile
from philae.deid.pixels.geometry import is_ct, is_mr
from philae.dicom.part10 import NotDicom
from philae.dicom.scan import MalformedDataset, inflate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.deid.engine import CompiledProfile
    from philae.deid.files.folder_walk import Found
    from philae.deid.pixels.face_survey import FaceSurvey, Fronts


def fronts_of(sources: Iterable[Found], compiled: CompiledProfile) -> Fronts | None:
    """What is put in front of the faces of these files; None, and no file is read, if the profile defaces none.

    Files that cannot be read are left out: what ails them is told when their turn comes.
    """
    if not any(isinstance(rule, CleanRecognizableVisualFeatures) for rule in compiled.pixel_rules):
        return None
    from philae.deid.pixels.face_survey import FaceSurvey  # noqa: PLC0415 - numpy costs start-up time

    survey = FaceSurvey()
    for found in sources:
        if not found.problem:
            _look_at(found, survey)
    return survey.fronts()


def _look_at(found: Found, survey: FaceSurvey) -> None:
    from philae.deid.pixels.module import read_image  # noqa: PLC0415 - numpy costs start-up time

    try:
        with InstanceFile(found.path) as file:
            sop_class = file.meta.sop_class_uid
            image = read_image(inflate(file.encoded)) if is_ct(sop_class) or is_mr(sop_class) else None
            if image is not None:
                survey.look(image)
    except (NotDicom, DirectoryFile, DeidError, MalformedDataset, OSError):
        return
