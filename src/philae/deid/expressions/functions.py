"""The functions and variables of each place where expressions stand (spec 9.2, 9.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.ages import age_at, lenient_date
from philae.deid.expressions.decisions import Added, Emptied, Excluded, Hashed, Kept, Removed, Replaced
from philae.deid.expressions.errors import Unanswerable, unknown
from philae.deid.expressions.methods import wrong_count
from philae.deid.expressions.operators import Value, kind, required_text, written
from philae.dicom.layout import VRS
from philae.dicom.standard.dictionary import keywords, tag_of
from philae.dicom.tags import parse_tag_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from philae.deid.instance_attributes import InstanceAttributes

_LAST_TAG: Final = 0xFFFFFFFF
_FIRST_GROUP: Final = 0x0008  # of a dataset: those before belong to messages and files

_BIRTH_DATE: Final = 0x00100030
_EXAM_DATES: Final = (0x00080023, 0x00080022, 0x00181012, 0x00080021, 0x00080020)


class Scope(NamedTuple):
    """What an expression is evaluated for: an instance, and the element that is asked about."""

    attributes: InstanceAttributes
    tag: int = 1
    vr: str = "AE"


@dataclass(frozen=True, slots=True)
class Function:
    """A function; ``parameters`` turn its arguments into what it takes."""

    run: Callable[..., Value]
    parameters: tuple[Callable[[Value], Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that an expression may use."""

    functions: Mapping[str, Function]
    variables: Mapping[str, Callable[[Scope], Value]]

    def function(self, name: str, count: int) -> Function:
        """The function of this name, for ``count`` arguments. Raises `Unanswerable`."""
        if name not in self.functions:
            raise unknown("function", f"{name}()", self._names())
        function = self.functions[name]
        if count != len(function.parameters):
            raise wrong_count(name, len(function.parameters), count)
        return function

    def variable(self, name: str) -> Callable[[Scope], Value]:
        """The variable of this name. Raises `Unanswerable`."""
        if name not in self.variables:
            raise unknown("name", name, self._names())
        return self.variables[name]

    def _names(self) -> list[str]:
        return [*self.variables, *(f"{name}()" for name in self.functions)]


def constant(group: str, name: str) -> Value:
    """The value of ``#Tag.Keyword`` or ``#VR.XX``. Raises `Unanswerable`."""
    if group == "VR":
        if name not in VRS:
            raise unknown("VR", name, VRS)
        return name
    if group != "Tag":
        raise unknown("constant", f"#{group}", ("#Tag", "#VR"))
    tag = tag_of(name)
    if tag is None:
        raise unknown("attribute", name, keywords())
    return tag


def _tag(value: Value) -> int:
    """A tag from its number, or from text such as ``0008,1030``, ``(0008,1030)``, ``00081030`` or a keyword."""
    if isinstance(value, str):
        return _tag_of_text(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST_TAG:
        raise Unanswerable(f"{kind(value)} is no tag", "write for example #Tag.StudyDescription or '0008,1030'")
    return value


def _tag_of_text(text: str) -> int:
    try:
        pattern = parse_tag_pattern(text)
    except ValueError:
        raise Unanswerable("the text is no tag", "write for example '0008,1030' or #Tag.StudyDescription") from None
    if not pattern.is_exact:
        raise Unanswerable("a tag pattern is no tag", "write all eight digits")
    return pattern.value


def _tag_to_add(value: Value) -> int:
    tag = _tag(value)
    if tag >> 16 < _FIRST_GROUP or not tag & 0xFFFF:
        raise Unanswerable("this tag cannot stand in a dataset", "add one of group 0008 or above, but no group length")
    return tag


def _vr_to_add(value: Value) -> str:
    if not isinstance(value, str) or value not in VRS:
        raise unknown("VR", value if isinstance(value, str) else kind(value), VRS)
    if value == "SQ":
        raise Unanswerable("a sequence cannot be added", "add an attribute that holds a text or a number")
    return value


def _value_is(scope: Scope, tag: int, wanted: str | None) -> bool:
    return (scope.attributes.text(tag) or None) == wanted is not None


def _value_contains(scope: Scope, tag: int, part: str) -> bool:
    text = scope.attributes.text(tag)
    return bool(text and part in text)


def _value_begins(scope: Scope, tag: int, part: str) -> bool:
    text = scope.attributes.text(tag)
    return bool(text and text.startswith(part))


def _value_ends(scope: Scope, tag: int, part: str) -> bool:
    text = scope.attributes.text(tag)
    return bool(text and text.endswith(part))


def _age(scope: Scope) -> Replaced:
    """The age at the first exam date that can be read."""
    first = scope.attributes.first
    for tag in _EXAM_DATES:
        examined = lenient_date(first(tag) or "")
        if examined is not None:
            return Replaced(age_at(lenient_date(first(_BIRTH_DATE) or ""), examined))
    return Replaced(None)


_READERS: Final = {
    "getString": Function(lambda scope, tag: scope.attributes.text(tag) or None, (_tag,)),
    "tagValues": Function(lambda scope, tag: scope.attributes.values(tag), (_tag,)),
    "tagValueIsPresent": Function(_value_is, (_tag, written)),
    "tagValueContains": Function(_value_contains, (_tag, required_text)),
    "tagValueBeginsWith": Function(_value_begins, (_tag, required_text)),
    "tagValueEndsWith": Function(_value_ends, (_tag, required_text)),
}
_ANYWHERE: Final = {"tagIsPresent": Function(lambda scope, tag: scope.attributes.is_anywhere(tag), (_tag,))}
_ACTIONS: Final = {
    "Keep": Function(lambda _scope: Kept()),
    "Remove": Function(lambda _scope: Removed()),
    "ReplaceNull": Function(lambda _scope: Emptied()),
    "UID": Function(lambda _scope: Hashed()),
    "Replace": Function(lambda _scope, text: Replaced(text), (written,)),
    "ComputePatientAge": Function(_age),
    "ExcludeInstance": Function(lambda _scope: Excluded()),
    "Add": Function(lambda _scope, tag, vr, text: Added(tag, vr, text or ""), (_tag_to_add, _vr_to_add, written)),
}
_VARIABLES: Final[Mapping[str, Callable[[Scope], Value]]] = {
    "tag": lambda scope: scope.tag,
    "vr": lambda scope: scope.vr,
    "stringValue": lambda scope: scope.attributes.first(scope.tag),
}

CONDITION: Final = Vocabulary(
    {**_READERS, "tagIsPresent": Function(lambda scope, tag: scope.attributes.is_present(tag), (_tag,))}, {}
)
EXPRESSION: Final = Vocabulary({**_READERS, **_ANYWHERE, **_ACTIONS}, _VARIABLES)
TEMPLATE: Final = Vocabulary({**_READERS, **_ANYWHERE}, _VARIABLES)
