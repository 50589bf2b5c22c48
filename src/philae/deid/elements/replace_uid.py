"""``replace.uid``: one action for the listed UIDs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from typing_extensions import override

from philae.deid.elements.element import ProfileElement
from philae.deid.elements.letters import ACTIONS
from philae.deid.errors import DeidError
from philae.dicom.tags import TagSet

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.profile import ElementSpec, Project

_LETTERS: Final = ("U", "X", "Z")


@dataclass(frozen=True, slots=True)
class ReplaceUid(ProfileElement):
    """Apply ``action`` to ``tags``, minus ``excluded``: in Karnak it has no effect (spec Q14)."""

    codename: ClassVar[str] = "replace.uid"

    action: Action
    tags: TagSet
    excluded: TagSet

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        letter = spec.action or "U"
        if letter not in _LETTERS:
            raise DeidError(f"{spec.codename} {spec.name!r}: action {letter!r} is none of {', '.join(_LETTERS)}")
        return cls(spec.name, ACTIONS[letter], TagSet(spec.tags), TagSet(spec.excluded_tags))

    @override
    def decide(self, place: Place) -> Action | None:
        return self.action if place.tag in self.tags and place.tag not in self.excluded else None

    @override
    def describe(self) -> str:
        return f"{self.action.letter} on {self.tags}" + (f" except {self.excluded}" if self.excluded else "")
