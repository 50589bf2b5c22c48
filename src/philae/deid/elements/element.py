"""What every kind of profile element offers the engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from philae.deid.context import Knowledge
from philae.deid.question import WhenHolds

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.additions import Addition
    from philae.deid.context import Place
    from philae.deid.expressions import Condition
    from philae.deid.instance import Instance
    from philae.deid.methods import MethodCode
    from philae.deid.pixels.order import PixelOrder
    from philae.deid.profile import ElementSpec, Project


@dataclass(frozen=True, slots=True)
class ProfileElement(ABC):
    """One element of a profile, built once for a project.

    What it decides may only depend on the place it is asked about; what depends on more is decided by a `Question`.
    """

    codename: ClassVar[str]
    method: ClassVar[MethodCode | None] = None

    name: str
    condition: Condition | None = field(default=None, kw_only=True)
    """Of the instance; without one the element always acts."""

    @classmethod
    @abstractmethod
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        """The element that ``spec`` describes. Raises `DeidError` for what it cannot honour."""

    @abstractmethod
    def decide(self, place: Place) -> Action | None:
        """What happens at ``place`` when the condition is true; None leaves it to the next element."""

    def answer(self, place: Place) -> Action | None:
        """What the element says at ``place``, once it is settled what that comes down to there."""
        action = self.decide(place)
        if action is None:
            return None
        settled = action.at(place)
        return settled if self.condition is None else WhenHolds(self.condition, settled)

    def afterthought(self, place: Place, *, is_kept: bool) -> Action | None:
        """What still happens at ``place`` though no element decided about it, or one keeps it (``is_kept``)."""
        return None

    @property
    def methods(self) -> tuple[MethodCode, ...]:
        """The de-identification methods that this element carries out."""
        return () if self.method is None else (self.method,)

    @property
    def needs_to_know(self) -> Knowledge:
        """What its answers depend on besides tags, VR and SOP class."""
        return Knowledge.NOTHING

    def addition(self) -> Addition | None:
        """What the element adds to the top level of instances whose condition is true, before anything is decided."""
        return None

    def names_creator(self, tag: int) -> bool:
        """Whether the element speaks of this private creator as such, not just of everything (spec Q12)."""
        return False

    def needs(self, tag: int) -> int | None:
        """The attribute without which ``tag`` and the rest of its group, of which it is the first, make no sense.

        Where this element removes that one, it removes them all.
        """
        return None

    @abstractmethod
    def describe(self) -> str:
        """One line for people."""


class PixelRule(ProfileElement):
    """A profile element that changes pixels and never answers for an element."""

    @property
    def needs_masks(self) -> bool:
        """Whether it does nothing in a profile without masks."""
        return False

    @abstractmethod
    def concerns(self, instance: Instance, burned_in_annotation: str) -> bool:
        """Whether the pixels of an instance are to be changed; ``burned_in_annotation`` is its value afterwards."""

    @abstractmethod
    def added_to(self, order: PixelOrder, instance: Instance) -> PixelOrder:
        """``order`` and what this element wants done with an instance that it concerns."""
