"""The methods of texts and lists."""

from __future__ import annotations

from dataclasses import dataclass
from operator import call as turned
from typing import TYPE_CHECKING, Final

from philae.deid.expressions.errors import Unanswerable, unknown
from philae.deid.expressions.operators import TEXT_LIMIT, Value, bounded, kind, required_text
from philae.dicom.values import stripped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Method:
    """A method; ``parameters`` turn its arguments into what it takes, those after ``required`` may be left out."""

    run: Callable[..., Value]
    parameters: tuple[Callable[[Value], Value], ...] = ()
    required: int = 0


def _nullable(value: Value) -> Value:
    return value


def whole_number(value: Value) -> int:
    """``value`` as a position. Raises `Unanswerable`."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise Unanswerable(f"{kind(value)} is no position", "write a whole number from 0 up")


def item_of(owner: Value, index: int) -> Value:
    """The value at ``index``, null behind the last one. Raises `Unanswerable`."""
    if isinstance(owner, tuple | str):
        return owner[index] if index < len(owner) else None
    raise Unanswerable(f"{kind(owner)} has no items", "use it on a text or on tagValues(...)")


def _substring(text: str, begin: int, end: int | None = None) -> str:
    last = len(text) if end is None else end
    if not begin <= last <= len(text):
        raise Unanswerable("the text is too short for substring", "test its length() first")
    return text[begin:last]


def _replace(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * (len(new) - len(old)) > TEXT_LIMIT:
        raise Unanswerable(f"the text becomes longer than {TEXT_LIMIT} characters", "replace less")
    return text.replace(old, new)


def _equals_ignoring_case(text: str, other: Value) -> bool:
    return isinstance(other, str) and text.casefold() == other.casefold()


def _position(values: tuple[str, ...], value: Value) -> int:
    return values.index(value) if isinstance(value, str) and value in values else -1


_OF_TEXTS: Final = {
    "length": Method(len),
    "isEmpty": Method(lambda text: not text),
    "toUpperCase": Method(str.upper),
    "toLowerCase": Method(str.lower),
    "trim": Method(stripped),
    "substring": Method(_substring, (whole_number, whole_number), 1),
    "startsWith": Method(str.startswith, (required_text,), 1),
    "endsWith": Method(str.endswith, (required_text,), 1),
    "contains": Method(lambda text, part: part in text, (required_text,), 1),
    "indexOf": Method(str.find, (required_text,), 1),
    "equals": Method(lambda text, other: text == other, (_nullable,), 1),
    "equalsIgnoreCase": Method(_equals_ignoring_case, (_nullable,), 1),
    "concat": Method(lambda text, other: bounded(text + other), (required_text,), 1),
    "replace": Method(_replace, (required_text, required_text), 2),
}
_OF_LISTS: Final = {
    "size": Method(len),
    "isEmpty": Method(lambda values: not values),
    "contains": Method(lambda values, value: value in values, (_nullable,), 1),
    "indexOf": Method(_position, (_nullable,), 1),
}
_METHODS: Final[dict[type, dict[str, Method]]] = {str: _OF_TEXTS, tuple: _OF_LISTS}
_NAMES: Final = frozenset({*_OF_TEXTS, *_OF_LISTS, "matches"})


def method_named(name: str, count: int) -> Callable[[Value, Sequence[Value]], Value]:
    """The method of this name, to call on a value with ``count`` arguments. Raises `Unanswerable`, as the method does."""
    if name not in _NAMES:
        raise unknown("method", name, _NAMES)
    methods = {owner: known[name] for owner, known in _METHODS.items() if name in known}
    for method in methods.values():
        if not method.required <= count <= len(method.parameters):
            raise wrong_count(name, len(method.parameters), count)

    def call(value: Value, arguments: Sequence[Value]) -> Value:
        method = methods.get(type(value))
        if method is None:
            raise Unanswerable(f"{kind(value)} has no method {name}", "call it on another value")
        if isinstance(value, str):
            bounded(value)
        return method.run(value, *map(turned, method.parameters, arguments))

    return call


def wrong_count(name: str, expected: int, count: int) -> Unanswerable:
    """That ``name`` takes another number of arguments."""
    return Unanswerable(f"{name} has {count} arguments here", f"it takes {expected}")
