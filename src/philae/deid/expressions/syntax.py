"""The text of an expression as a tree, or what is wrong with it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from philae.deid.expressions.errors import ExpressionError, Position

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

TEXT_LIMIT: Final = 20_000
_START: Final = Position(1, 1)

_FOREIGN: Final = re.compile(
    r"'[^']*'|\"[^\"]*\"|#(?:Tag|VR)\.\w+"
    r"|(?P<type>\bT\s*\([^)]*)|(?P<object>\bnew\s+\w+)|(?P<bean>@)|(?P<variable>#\w*(?:\.\w*)?)"
    r"|(?P<assignment>(?<![=!<>])=(?!=))|(?P<quote>['\"])|(?P<list>[{}])|(?P<property>\.\s*\w*)"
)
"""What other languages have, and what often ends where parsing stops; texts and constants are passed over."""
_FOREIGN_MEANS: Final = {
    "type": ("types cannot be referenced", "use the functions of the language only"),
    "object": ("objects cannot be created", "use the functions of the language only"),
    "bean": ("beans cannot be referenced", "use the functions of the language only"),
    "variable": ("only #Tag.Keyword and #VR.XX begin with #", "write for example #Tag.PatientName"),
    "assignment": ("nothing can be assigned", "compare with =="),
    "quote": ("the text is not closed", "end it with the quote it begins with, doubled inside it"),
    "list": ("braces have no meaning here", "leave them out"),
    "property": ("only methods follow a dot", "write for example stringValue.length()"),
}


def parse(text: str, begin: Position = _START) -> Tree[Token]:
    """The tree of `grammar.lark` for ``text``, which begins at ``begin`` of its file. Raises `ExpressionError`."""
    if len(text) > TEXT_LIMIT:
        raise ExpressionError(f"the expression has {len(text)} characters", f"write at most {TEXT_LIMIT}", begin)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ExpressionError("it holds half a character (a surrogate)", "write the whole character", begin)
    return _parsed(text, begin)


def placed(begin: Position, line: int, column: int) -> Position:
    """Where a place in a text lies that itself begins at ``begin``."""
    return Position(begin.line + line - 1, column + begin.column - 1 if line == 1 else column)


def _parsed(text: str, begin: Position) -> Tree[Token]:
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415 - lark is loaded when the first expression comes

    try:
        return _parser().parse(text)
    except UnexpectedInput as fault:
        token = getattr(fault, "token", None)
        is_end = token is not None and token.type == "$END"
        offset = len(text.rstrip()) if is_end else int(getattr(fault, "pos_in_stream", None) or 0)
        problem, remedy = _explained(text, offset, shown=str(token or text[offset : offset + 1]))
        line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
        raise ExpressionError(problem, remedy, placed(begin, line, column)) from None


def _explained(text: str, offset: int, shown: str) -> tuple[str, str]:
    for foreign in _FOREIGN.finditer(text):
        if foreign.start() <= offset <= foreign.end() and foreign.lastgroup:
            return _FOREIGN_MEANS[foreign.lastgroup]
    if offset >= len(text.rstrip()):
        return ("the expression ends too early" if text.strip() else "there is no expression"), "write the rest of it"
    return f"{shown!r} makes no sense here", "look for a missing operator, comma or bracket before it"


@cache
def _parser() -> Lark:
    from lark import Lark  # noqa: PLC0415 - as above

    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start="expression", propagate_positions=True)
