"""What a profile asks of web services, and what their answers say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeAlias

Method: TypeAlias = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Request:
    """One call. ``url`` and ``body`` may hold a patient's values; ``authentication`` names what is configured."""

    method: Method
    url: str = field(repr=False)
    body: str | None = field(default=None, repr=False)
    authentication: str | None = None


class Failure(NamedTuple):
    """Why there is no answer, without any value; ``may_pass`` if time may heal it."""

    reason: str
    may_pass: bool = False


Reply: TypeAlias = str | Failure
"""The body of a response, or why there is none."""

NO_REPLIES: Final[Mapping[Request, Reply]] = MappingProxyType({})

_NOT_JSON: Final = object()


def found_in(response: str, pointer: str) -> str | None:
    """The text, number or truth value at a JSON Pointer (RFC 6901); None where there is none, or an empty one.

    An empty pointer is the whole response, which then need not be JSON.
    """
    document = _parsed(response)
    if document is _NOT_JSON:
        return None if pointer else response.strip() or None
    return _text(_at(document, pointer))


def _parsed(response: str) -> Any:
    try:
        return json.loads(response, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _at(document: Any, pointer: str) -> Any:
    for token in pointer.removeprefix("/").split("/") if pointer else ():
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and name.isascii() and name.isdigit() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or None if isinstance(value, str) else None
