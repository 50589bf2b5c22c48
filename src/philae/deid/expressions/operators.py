"""What operators do with values, nulls included (spec 9.1)."""

from __future__ import annotations

from math import fmod, isfinite
from typing import TYPE_CHECKING, Final, TypeAlias

from philae.deid.expressions.decisions import Decision
from philae.deid.expressions.errors import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable

Value: TypeAlias = str | int | float | bool | tuple[str, ...] | Decision

Operation: TypeAlias = "Callable[[Value, Value], Value]"

TEXT_LIMIT: Final = 1 << 20
"""Characters of a text that is worked on; a value may be longer as long as it is only read or compared."""
_NUMBER_LIMIT: Final = 1 << 63

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})


def kind(value: Value) -> str:
    """What ``value`` is, for a message."""
    if value is None:
        return "null"
    names = {bool: "true or false", str: "a text", int: "a number", float: "a number", tuple: "a list"}
    return names.get(type(value), "an action")


def truth(value: Value) -> bool:
    """Whether ``value`` is true; the texts true, yes, on, 1 and their opposites count, too."""
    if value is True or value is False:
        return value
    word = value.lower() if isinstance(value, str) and len(value) <= 5 else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Unanswerable(f"{kind(value)} is neither true nor false", "compare it with something, for example by ==")


def written(value: Value) -> str | None:
    """``value`` as a text; None for null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise Unanswerable(f"{kind(value)} is no text", "pass a text or a number")


def required_text(value: Value) -> str:
    """``value`` as a text, which null is not."""
    text = written(value)
    if text is None:
        raise Unanswerable("null is no text", "write ?: '' behind it to take an empty text instead")
    return text


def bounded(text: str) -> str:
    """``text`` unless it is too long to work on."""
    if len(text) > TEXT_LIMIT:
        raise Unanswerable(f"the text is longer than {TEXT_LIMIT} characters", "exclude such values by a condition")
    return text


def equal(left: Value, right: Value) -> bool:
    """Null equals null only, and nothing equals a value of another type."""
    return left == right and (isinstance(left, bool) is isinstance(right, bool))


def _different(left: Value, right: Value) -> bool:
    return not equal(left, right)


def _order(left: Value, right: Value) -> int:
    """Below, equal or above 0; null comes before everything."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if _is_number(left) and _is_number(right):
        return (left > right) - (left < right)  # type: ignore[operator]  # both are numbers
    raise Unanswerable(f"{kind(left)} and {kind(right)} have no order", "compare two numbers or two texts")


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


RELATIONS: Final[dict[str, Operation]] = {
    "==": equal,
    "!=": _different,
    "<": lambda left, right: _order(left, right) < 0,
    "<=": lambda left, right: _order(left, right) <= 0,
    ">": lambda left, right: _order(left, right) > 0,
    ">=": lambda left, right: _order(left, right) >= 0,
}
for _word, _symbol in {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}.items():
    RELATIONS[_word] = RELATIONS[_symbol]


def add(left: Value, right: Value) -> Value:
    """The sum of two numbers, or both as one text if either is a text; then null reads ``null``."""
    if isinstance(left, str) or isinstance(right, str):
        head, tail = written(left), written(right)
        return bounded(f"{'null' if head is None else head}{'null' if tail is None else tail}")
    return _calculated(left, right, lambda first, second: first + second)


def divide(left: Value, right: Value) -> Value:
    """The quotient; that of whole numbers is cut towards zero."""
    return _calculated(left, right, _quotient)


def remainder(left: Value, right: Value) -> Value:
    """What `divide` leaves over; has the sign of ``left``."""
    return _calculated(left, right, _rest)


def _quotient(left: float, right: float) -> float:
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) // abs(right) * (1 if (left < 0) is (right < 0) else -1)
    return left / right


def _rest(left: float, right: float) -> float:
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (-1 if left < 0 else 1)
    return fmod(left, right)


def _calculated(left: Value, right: Value, operation: Callable[[float, float], float]) -> Value:
    if not (_is_number(left) and _is_number(right)):
        raise Unanswerable(
            f"{kind(left)} and {kind(right)} cannot be calculated with", "use numbers; + also joins texts"
        )
    try:
        result = operation(left, right)  # type: ignore[arg-type]  # both are numbers
    except (ArithmeticError, ValueError):
        raise Unanswerable("a number is divided by zero", "exclude zero by a condition") from None
    if not isfinite(result) or abs(result) >= _NUMBER_LIMIT:
        raise Unanswerable("a number becomes too large", "calculate with smaller numbers")
    return result


SUMS: Final[dict[str, Operation]] = {
    "+": add,
    "-": lambda left, right: _calculated(left, right, lambda first, second: first - second),
}
PRODUCTS: Final[dict[str, Operation]] = {
    "*": lambda left, right: _calculated(left, right, lambda first, second: first * second),
    "/": divide,
    "div": divide,
    "%": remainder,
    "mod": remainder,
}
