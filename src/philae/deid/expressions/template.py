"""Text with ``{{ expression }}`` in it, for the URL and body of a call."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote

from philae.deid.expressions.closures import Closure, compile_closure
from philae.deid.expressions.compiled import NO_ELEMENT, empty_instance
from philae.deid.expressions.errors import ExpressionError, Position, Unanswerable
from philae.deid.expressions.functions import TEMPLATE, Scope
from philae.deid.expressions.operators import written
from philae.deid.expressions.syntax import TEXT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.expressions.compiled import WalkedElement
    from philae.deid.instance_attributes import InstanceAttributes

_BEGIN: Final = Position(1, 1)
_OPEN: Final = "{{"
_BRACES: Final = re.compile(r"\{\{((?:[^}'\"]|'[^']*'|\"[^\"]*\")+)\}\}")
_AUTHORITY: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]+[/?#]")
_JSON_SCALAR: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_JSON_QUOTE: Final = re.compile(r'\\.|"', re.DOTALL)

Escape: TypeAlias = Callable[[str | None], str]


class Form(Enum):
    """What the text around the braces is, so that a value cannot become part of its structure (spec Q10)."""

    URL = "URL"
    """Values are percent-encoded (RFC 3986 2.1); scheme and host must be literal."""
    JSON = "JSON"
    """Values are escaped inside quotes (RFC 8259 7); outside of them only numbers, true, false and null are written."""


def compile_template(text: str, form: Form) -> Template:
    """The template written in ``text``. Raises `ExpressionError`, also if a part has no text on an empty dataset."""
    if len(text) > TEXT_LIMIT or any("\ud800" <= character <= "\udfff" for character in text):
        raise ExpressionError("the template is too long or broken", f"write at most {TEXT_LIMIT} characters", _BEGIN)
    template = Template(text, tuple(_parts(text, form)))
    template.render(NO_ELEMENT, empty_instance())
    return template


@dataclass(frozen=True, slots=True)
class Template:
    """A URL or a body whose ``{{ }}`` are filled in for an instance. Safe for many threads."""

    text: str
    _parts: tuple[str | Inserted, ...]

    def render(self, element: WalkedElement, attributes: InstanceAttributes) -> str:
        """The text for one instance; null leaves nothing in a URL or in quotes. Raises `ExpressionError`, `Unreadable`."""
        scope = Scope(attributes, *element)
        return "".join(part if isinstance(part, str) else part.render(scope) for part in self._parts)


@dataclass(frozen=True, slots=True)
class Inserted:
    """One ``{{ expression }}``."""

    run: Closure
    escape: Escape
    position: Position

    def render(self, scope: Scope) -> str:
        try:
            return self.escape(written(self.run(scope)))
        except Unanswerable as fault:
            raise fault.at(self.position) from None


def _parts(text: str, form: Form) -> Iterator[str | Inserted]:
    behind = 0
    is_quoted = False
    while (start := text.find(_OPEN, behind)) >= 0:
        position = Position(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
        braces = _BRACES.match(text, start)
        if braces is None:
            raise ExpressionError("the braces hold no expression or stay open", "write {{ expression }}", position)
        if form is Form.URL and not _AUTHORITY.match(text, 0, start):
            raise ExpressionError("a value would stand in the host", "write scheme and host as they are", position)
        literal = text[behind:start]
        is_quoted ^= sum(found[0] == '"' for found in _JSON_QUOTE.finditer(literal)) % 2 == 1
        begin = Position(position.line, position.column + len(_OPEN))
        yield literal
        yield Inserted(compile_closure(braces[1], TEMPLATE, begin), _escape(form, is_quoted=is_quoted), position)
        behind = braces.end()
    yield text[behind:]


def _escape(form: Form, *, is_quoted: bool) -> Escape:
    if form is Form.URL:
        return _in_url
    return _in_json_text if is_quoted else _in_json


def _in_url(text: str | None) -> str:
    if text in (".", ".."):
        raise Unanswerable("a value would lead to another path", "exclude values of dots only by a condition")
    return quote(text or "", safe="", errors="replace")


def _in_json_text(text: str | None) -> str:
    return json.dumps(text or "")[1:-1]


def _in_json(text: str | None) -> str:
    if text is None:
        return "null"
    if _JSON_SCALAR.fullmatch(text):
        return text
    raise Unanswerable("a text stands outside of quotes", 'write quotes around the braces: "{{ ... }}"')
