"""Values of content items, decided by what the item is about (PS3.15 E.3.4, Table E.3.4-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.actions import Action, Dummy, DummyContent, Empty, Keep, RemapUid, Remove, Replace
from philae.deid.confidentiality.cleaning import CleanText
from philae.deid.confidentiality.options import code_of
from philae.dicom.standard.confidentiality import Option
from philae.dicom.standard.content import content_item

if TYPE_CHECKING:
    from philae.deid.context import Place

CONTENT_SEQUENCE: Final = 0x0040A730
_CONCEPT_CODES: Final = 0x0040A168
_VALUE_TYPES: Final = {
    0x0040A120: "DATETIME",
    0x0040A121: "DATE",
    0x0040A122: "TIME",
    0x0040A123: "PNAME",
    0x0040A124: "UIDREF",
    0x0040A160: "TEXT",
    _CONCEPT_CODES: "CODE",
    0x0040A300: "NUM",
    0x0040A30A: "NUM",
    CONTENT_SEQUENCE: "CONTAINER",
}
_NO_DAY: Final[dict[str, Action]] = {
    "DATETIME": Replace("19000101000000"),
    "DATE": Replace("19000101"),
    "TIME": Replace("000000"),
}
"""What stands for a date that is to go: a value is required there, and even a moved one would tell something."""
_TEMPORAL: Final = frozenset(_NO_DAY)


def action_on_content(place: Place, chosen: frozenset[Option]) -> Action | None:
    """What happens to the value of a content item; None where its concept and value type have no row of their own.

    An item that the table removes keeps its place with a value that says nothing: others may refer to it by position.
    """
    value_type = _VALUE_TYPES.get(place.tag, "")
    row = content_item(*place.concept, value_type) if value_type else None
    if row is None:
        return None
    code = code_of(row.basic, row.options, chosen)
    if code == "K":
        return None if place.vr == "SQ" else Keep()
    if code == "C":
        return None if value_type in _TEMPORAL else CleanText()
    return _emptied(place, value_type, is_removed=code == "X")


def _emptied(place: Place, value_type: str, *, is_removed: bool) -> Action:
    match value_type:
        case "UIDREF":
            return RemapUid()
        case "CONTAINER":
            return Remove()
        case "NUM":
            return Empty() if place.vr == "SQ" else Dummy()
        case "CODE":
            return DummyContent(_CONCEPT_CODES)
    return _NO_DAY[value_type] if is_removed and value_type in _TEMPORAL else Dummy()
