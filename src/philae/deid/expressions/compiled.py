"""Conditions and expressions ready to be asked, as often as there are instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, cast, get_args

from philae.deid.expressions.closures import Closure, compile_closure
from philae.deid.expressions.decisions import Decision
from philae.deid.expressions.errors import ExpressionError, Position, Unanswerable
from philae.deid.expressions.functions import CONDITION, EXPRESSION, Scope
from philae.deid.expressions.operators import kind, truth
from philae.deid.instance_attributes import InstanceAttributes
from philae.dicom.scan import Encoded
from philae.dicom.syntax import EXPLICIT_LE

_BEGIN: Final = Position(1, 1)
_DECISIONS: Final = get_args(Decision)


class WalkedElement(NamedTuple):
    """The element that an expression is asked about."""

    tag: int
    vr: str


def compile_condition(text: str) -> Condition:
    """The condition written in ``text``. Raises `ExpressionError`, also if it has no truth value on an empty dataset."""
    condition = Condition(text, compile_closure(text, CONDITION, _BEGIN))
    condition.holds(empty_instance())
    return condition


def compile_expression(text: str) -> Expression:
    """The expression written in ``text``. Raises `ExpressionError`, also if it fails on an empty dataset."""
    expression = Expression(text, compile_closure(text, EXPRESSION, _BEGIN))
    expression.evaluate(NO_ELEMENT, empty_instance())
    return expression


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether something applies to an instance. Safe for many threads."""

    text: str
    _run: Closure

    def holds(self, attributes: InstanceAttributes) -> bool:
        """The answer for one instance. Raises `ExpressionError` if it has none, `Unreadable`."""
        try:
            return truth(self._run(Scope(attributes)))
        except Unanswerable as fault:
            raise fault.at(_BEGIN) from None


@dataclass(frozen=True, slots=True)
class Expression:
    """What becomes of an element. Safe for many threads."""

    text: str
    _run: Closure

    def evaluate(self, element: WalkedElement, attributes: InstanceAttributes) -> Decision:
        """The answer for one element of an instance. Raises `ExpressionError` if it has none, `Unreadable`."""
        value = self._run(Scope(attributes, *element))
        if isinstance(value, _DECISIONS):
            return cast("Decision", value)
        raise ExpressionError(f"{kind(value)} is no action", "answer with Keep(), Remove() or another action", _BEGIN)


NO_ELEMENT: Final = WalkedElement(1, "AE")
"""The element for which expressions are tried when they are compiled."""


def empty_instance() -> InstanceAttributes:
    """An instance without attributes: whatever is read from it is absent."""
    return InstanceAttributes(Encoded(b"", 0, 0, EXPLICIT_LE))
