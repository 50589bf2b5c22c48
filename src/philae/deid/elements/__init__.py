"""The kinds of profile elements: one module for each codename, listed here in the order of the reference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from philae.deid.elements.action_add_private_tag import ActionAddPrivateTag
from philae.deid.elements.action_add_tag import ActionAddTag
from philae.deid.elements.action_on_dates import ActionOnDates
from philae.deid.elements.action_on_privatetags import ActionOnPrivateTags
from philae.deid.elements.action_on_specific_tags import ActionOnSpecificTags
from philae.deid.elements.action_replace_api import ActionReplaceApi
from philae.deid.elements.basic_dicom_profile import BasicDicomProfile
from philae.deid.elements.clean_pixel_data import CleanPixelData
from philae.deid.elements.clean_recognizable_visual_features import CleanRecognizableVisualFeatures
from philae.deid.elements.element import ProfileElement
from philae.deid.elements.expression_on_tags import ExpressionOnTags
from philae.deid.elements.replace_uid import ReplaceUid
from philae.deid.errors import DeidError
from philae.deid.expressions import compile_condition

if TYPE_CHECKING:
    from philae.deid.profile import ElementSpec, Project

CATALOGUE: Final[tuple[type[ProfileElement], ...]] = (
    ActionOnSpecificTags,
    ActionOnPrivateTags,
    ActionOnDates,
    ExpressionOnTags,
    ActionAddTag,
    ActionAddPrivateTag,
    ActionReplaceApi,
    ReplaceUid,
    BasicDicomProfile,
    CleanPixelData,
    CleanRecognizableVisualFeatures,
)

_BY_CODENAME: Final = {element.codename: element for element in CATALOGUE}


def build_element(spec: ElementSpec, project: Project) -> ProfileElement:
    """The element a spec describes. Raises `DeidError` for what this version cannot honour; nothing is ignored."""
    kind = _BY_CODENAME.get(spec.codename)
    if kind is None:
        known = ", ".join(_BY_CODENAME)
        raise DeidError(
            f"profile element {spec.name!r}: codename {spec.codename!r} is not supported; known are {known}"
        )
    element = kind.build(spec, project)
    if not spec.condition:
        return element
    try:
        return replace(element, condition=compile_condition(spec.condition))
    except DeidError as error:
        raise DeidError(f"{spec.codename} {spec.name!r}: condition: {error}") from error
