"""``action.add.private.tag``: a private element, in the block of its creator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from typing_extensions import override

from philae.deid.additions import Addition
from philae.deid.elements.element import ProfileElement
from philae.deid.errors import DeidError
from philae.dicom.layout import VRS
from philae.dicom.tags import format_tag, is_private

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.profile import ElementSpec, Project


@dataclass(frozen=True, slots=True)
class ActionAddPrivateTag(ProfileElement):
    """Add a private element at the top level, in the block of ``creator``, which is reserved if need be.

    Without a creator it goes to ``tag``, whoever owns the block.
    """

    codename: ClassVar[str] = "action.add.private.tag"

    tag: int
    vr: str
    text: str
    creator: str

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        tag = spec.tags[0].value if len(spec.tags) == 1 and spec.tags[0].is_exact else 0
        vr = spec.argument("vr") or ""
        if not is_private(tag):
            raise DeidError(f"{spec.codename} {spec.name!r}: name one tag of an odd group to add")
        if vr not in VRS:
            raise DeidError(f"{spec.codename} {spec.name!r}: argument vr is no VR; give one such as LO")
        return cls(spec.name, tag, vr, spec.argument("value") or "", (spec.argument("privateCreator") or "").strip())

    @override
    def decide(self, place: Place) -> Action | None:
        return None

    @override
    def addition(self) -> Addition | None:
        return Addition(self.tag, self.vr, self.text, self.name, self.creator)

    @override
    def describe(self) -> str:
        return f"adds {format_tag(self.tag)}" + (f" of {self.creator}" if self.creator else "")
