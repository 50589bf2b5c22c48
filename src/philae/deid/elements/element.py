"""What every kind of profile element offers the engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from typing_extensions import override

from philae.deid.actions import Action, Outcome, Result

if TYPE_CHECKING:
    from philae.deid.context import Context, Place, Value
    from philae.deid.profile import ElementSpec, Project


class MethodCode(NamedTuple):
    """A de-identification method of PS3.16 CID 7050, written to (0012,0064)."""

    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ProfileElement(ABC):
    """One element of a profile, built once for a project. Its answers may only depend on the place it is asked about."""

    codename: ClassVar[str]
    method: ClassVar[MethodCode | None] = None

    name: str

    @classmethod
    @abstractmethod
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        """The element that ``spec`` describes. Raises `DeidError` for what it cannot honour."""

    @abstractmethod
    def decide(self, place: Place) -> Action | None:
        """What happens at ``place``; None leaves it to the next element."""

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


class Question(Action):
    """An answer that depends on the value or the instance: asked of each element when its turn comes."""

    @abstractmethod
    def answer(self, value: Value, context: Context) -> Action | None:
        """What happens to this value; None leaves it to the next element."""

    @override
    def apply(self, value: Value, context: Context) -> Result:
        return Outcome.IMPOSSIBLE
