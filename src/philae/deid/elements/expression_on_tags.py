"""``expression.on.tags``: an expression that says what happens to each of the listed tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from typing_extensions import override

from philae.deid.actions import Empty, Keep, RemapUid, Remove, Replace
from philae.deid.additions import Addition
from philae.deid.elements.element import ProfileElement
from philae.deid.errors import DeidError, InstanceExcluded
from philae.deid.expressions import (
    Added,
    Emptied,
    Excluded,
    Expression,
    Hashed,
    Kept,
    Removed,
    Replaced,
    WalkedElement,
    compile_expression,
)
from philae.deid.question import Question
from philae.dicom.tags import TagSet

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place, Value
    from philae.deid.instance import Instance
    from philae.deid.profile import ElementSpec, Project

_KEEP: Final = Keep()
_REMOVE: Final = Remove()
_EMPTY: Final = Empty()
_REMAP: Final = RemapUid()


@dataclass(frozen=True, slots=True)
class ExpressionOnTags(ProfileElement):
    """Ask ``expression`` about ``tags``, minus ``excluded``."""

    codename: ClassVar[str] = "expression.on.tags"

    text: str
    expression: Expression
    tags: TagSet
    excluded: TagSet

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        text = spec.argument("expr")
        if not text:
            raise DeidError(f"{spec.codename} {spec.name!r}: give the expression as argument expr")
        try:
            expression = compile_expression(text)
        except DeidError as error:
            raise DeidError(f"{spec.codename} {spec.name!r}: expr: {error}") from error
        return cls(spec.name, text, expression, TagSet(spec.tags), TagSet(spec.excluded_tags))

    @override
    def decide(self, place: Place) -> Action | None:
        if place.tag not in self.tags or place.tag in self.excluded:
            return None
        return _Evaluation(self.expression, WalkedElement(place.tag, place.vr), self.name)

    @override
    def describe(self) -> str:
        return f"{self.text} on {self.tags}" + (f" except {self.excluded}" if self.excluded else "")


class _Evaluation(Question):
    """What the expression says about one element."""

    letter: ClassVar[str] = "?"

    def __init__(self, expression: Expression, element: WalkedElement, name: str) -> None:
        self._expression = expression
        self._element = element
        self._name = name

    @override
    def answer(self, value: Value, instance: Instance) -> Action | None:
        match self._expression.evaluate(self._element, instance.attributes):
            case Kept():
                return _KEEP
            case Removed():
                return _REMOVE
            case Emptied():
                return _EMPTY
            case Hashed():
                return _REMAP
            case Replaced(text):
                return Replace(text or "")
            case Excluded():
                raise InstanceExcluded(self._name)
            case Added(tag, vr, text):
                instance.additions.append((instance.rule, Addition(tag, vr, text, self._name)))
        return None
