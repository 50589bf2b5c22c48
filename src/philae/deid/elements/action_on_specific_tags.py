"""``action.on.specific.tags``: one action for the listed tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from typing_extensions import override

from philae.deid.elements.element import ProfileElement
from philae.deid.elements.letters import action_of
from philae.dicom.tags import TagSet

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.profile import ElementSpec, Project


@dataclass(frozen=True, slots=True)
class ActionOnSpecificTags(ProfileElement):
    """Apply ``action`` to ``tags``, minus ``excluded``."""

    codename: ClassVar[str] = "action.on.specific.tags"

    action: Action
    tags: TagSet
    excluded: TagSet

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        return cls(spec.name, action_of(spec), TagSet(spec.tags), TagSet(spec.excluded_tags))

    @override
    def decide(self, place: Place) -> Action | None:
        return self.action if place.tag in self.tags and place.tag not in self.excluded else None

    @override
    def names_creator(self, tag: int) -> bool:
        return self.tags.names_creator(tag) and tag not in self.excluded

    @override
    def describe(self) -> str:
        return f"{self.action.letter} on {self.tags}" + (f" except {self.excluded}" if self.excluded else "")
