"""Why an expression cannot be compiled, or has no value for an instance."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.errors import DeidError

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTED: Final = 40
_NAME_SHOWN: Final = 40


class Position(NamedTuple):
    """Line and column, both from 1."""

    line: int
    column: int


class ExpressionError(DeidError):
    """What is wrong at ``line`` and ``column`` of an expression, and what would be right.

    Speaks of the expression only, never of a value it met.
    """

    def __init__(self, problem: str, remedy: str, position: Position) -> None:
        super().__init__(f"line {position.line}, column {position.column}: {problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy
        self.line = position.line
        self.column = position.column


class Unanswerable(Exception):
    """What an operation cannot do with its operands; becomes an `ExpressionError` where its position is known."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def at(self, position: Position) -> ExpressionError:
        return ExpressionError(self.problem, self.remedy, position)


def unknown(what: str, name: str, known: Iterable[str]) -> Unanswerable:
    """That no ``what`` has this name, with the nearest name that is known."""
    names = sorted(known)
    shown = name if len(name) <= _NAME_SHOWN else f"{name[:_NAME_SHOWN]}..."
    near = get_close_matches(name[: 2 * _NAME_SHOWN], names, n=1)
    if near:
        return Unanswerable(f"there is no {what} {shown}", f"did you mean {near[0]}?")
    if len(names) > _LISTED:
        return Unanswerable(f"there is no {what} {shown}", "names are those of PS3.6")
    return Unanswerable(f"there is no {what} {shown}", f"there are {', '.join(names)}" if names else "leave it out")
