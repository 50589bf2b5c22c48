"""``action.on.privatetags``: one action for private elements, all or the listed ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from typing_extensions import override

from philae.deid.elements.element import ProfileElement
from philae.deid.elements.letters import action_of
from philae.deid.methods import MethodCode
from philae.dicom.tags import TagSet, is_private

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.profile import ElementSpec, Project

_METHOD: Final = MethodCode("113111", "Retain Safe Private Option")


@dataclass(frozen=True, slots=True)
class ActionOnPrivateTags(ProfileElement):
    """Apply ``action`` to the elements of odd groups in ``tags`` (no tags: all), minus ``excluded``."""

    codename: ClassVar[str] = "action.on.privatetags"
    method: ClassVar[MethodCode | None] = _METHOD

    action: Action
    tags: TagSet
    excluded: TagSet

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        return cls(spec.name, action_of(spec), TagSet(spec.tags), TagSet(spec.excluded_tags))

    @override
    def decide(self, place: Place) -> Action | None:
        if not is_private(place.tag) or place.tag in self.excluded:
            return None
        return self.action if not self.tags or place.tag in self.tags else None

    @override
    def names_creator(self, tag: int) -> bool:
        return self.tags.names_creator(tag) and tag not in self.excluded

    @override
    def describe(self) -> str:
        which = f"on private elements {self.tags}" if self.tags else "on private elements"
        return f"{self.action.letter} {which}" + (f" except {self.excluded}" if self.excluded else "")
