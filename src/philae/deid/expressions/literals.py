"""Values that stand in the text of an expression, by the rule of `grammar.lark`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.expressions.errors import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.deid.expressions.operators import Value

_DIGITS_LIMIT: Final = 18


def _text(literal: str) -> str:
    quote = literal[0]
    return literal[1:-1].replace(quote * 2, quote)


def _number(literal: str, base: int = 10) -> int:
    if len(literal) > _DIGITS_LIMIT:
        raise Unanswerable("the number is too large", f"write at most {_DIGITS_LIMIT} digits")
    return int(literal, base)


def _decimal(literal: str) -> float:
    if len(literal) > _DIGITS_LIMIT:
        raise Unanswerable("the number is too long", f"write at most {_DIGITS_LIMIT} digits")
    return float(literal)


LITERALS: Final[dict[str, Callable[[str], Value]]] = {
    "text": _text,
    "integer": _number,
    "hexadecimal": lambda literal: _number(literal, 16),
    "decimal": _decimal,
}
WORDS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}
