"""The kinds of profile elements: one module for each codename, listed here in the order of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.elements.action_on_privatetags import ActionOnPrivateTags
from philae.deid.elements.action_on_specific_tags import ActionOnSpecificTags
from philae.deid.elements.basic_dicom_profile import BasicDicomProfile
from philae.deid.elements.element import ProfileElement
from philae.deid.errors import DeidError

if TYPE_CHECKING:
    from philae.deid.profile import ElementSpec, Project

CATALOGUE: Final[tuple[type[ProfileElement], ...]] = (
    ActionOnSpecificTags,
    ActionOnPrivateTags,
    BasicDicomProfile,
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
    if spec.condition:
        raise DeidError(f"profile element {spec.name!r}: conditions are not supported yet; remove {spec.condition!r}")
    return kind.build(spec, project)
