"""``action.add.tag``: an attribute of the standard for instances that lack it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from typing_extensions import override

from philae.deid.additions import Addition
from philae.deid.elements.element import ProfileElement
from philae.deid.errors import DeidError
from philae.dicom.standard.dictionary import vr_of
from philae.dicom.tags import format_tag, is_private

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.profile import ElementSpec, Project


@dataclass(frozen=True, slots=True)
class ActionAddTag(ProfileElement):
    """Add ``tag`` at the top level where the SOP class has it and the instance does not (spec Q1, Q16, Q17)."""

    codename: ClassVar[str] = "action.add.tag"

    tag: int
    vr: str
    text: str

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        tag = spec.tags[0].value if spec.tags and spec.tags[0].is_exact else None
        vr = None if tag is None or is_private(tag) else vr_of(tag)
        if tag is None or vr is None:
            raise DeidError(f"{spec.codename} {spec.name!r}: name one tag of the DICOM dictionary to add")
        return cls(spec.name, tag, vr, spec.argument("value") or "")

    @override
    def decide(self, place: Place) -> Action | None:
        return None

    @override
    def addition(self) -> Addition | None:
        return Addition(self.tag, self.vr, self.text, self.name, only_where_defined=True)

    @override
    def describe(self) -> str:
        return f"adds {format_tag(self.tag)}"
