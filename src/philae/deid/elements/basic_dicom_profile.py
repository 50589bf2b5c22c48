"""``basic.dicom.profile``: the Basic Application Level Confidentiality Profile of PS3.15 E.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from typing_extensions import override

from philae.deid.actions import SINGLE, Combined, Dummy, DummyContent, Empty, Keep, RemapUid
from philae.deid.elements.element import MethodCode, ProfileElement
from philae.dicom.standard.confidentiality import ConfidentialityTable, basic_profile

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.profile import ElementSpec, Project

_OVERLAY_ROWS: Final = 0x60000010  # begins an overlay plane (PS3.3 C.9.2)
_OVERLAY_ROWS_MASK: Final = 0xFF01FFFF
_OVERLAY_DATA: Final = 0x3000
_METHOD: Final = MethodCode("113100", "Basic Application Confidentiality Profile")


@dataclass(frozen=True, slots=True)
class BasicDicomProfile(ProfileElement):
    """Table E.1-1, column "Basic Profile".

    A sequence gets the action of its own row: X and Z as usual, with D its content says nothing any more, with U its
    content is treated by the table and the rest kept. Sequences of references (X/Z/U*) are kept that way rather than
    emptied, because other modules rely on them. The rest of an overlay plane goes with its data, without which it
    would be invalid. ``inherits`` reproduces Karnak instead: the row's code goes down to all content that has no row
    of its own (spec Q4), and overlay planes lose only their data.
    """

    codename: ClassVar[str] = "basic.dicom.profile"
    method: ClassVar[MethodCode | None] = _METHOD

    table: ConfidentialityTable
    inherits: bool

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        return cls(spec.name, basic_profile(), project.compat_karnak)

    @override
    def decide(self, place: Place) -> Action | None:
        row = self.table.row_of(place.tag)
        if row is None:
            return None
        action = SINGLE.get(row.basic) or Combined(row.basic)
        if place.vr == "SQ" and self.inherits:
            return action
        resolved = action.resolved(place) if isinstance(action, Combined) else action
        return _on_sequence(resolved, row.basic, place) if place.vr == "SQ" else resolved

    @override
    def needs(self, tag: int) -> int | None:
        is_plane = tag & _OVERLAY_ROWS_MASK == _OVERLAY_ROWS and not self.inherits
        return tag & 0xFFFF0000 | _OVERLAY_DATA if is_plane else None

    @override
    def describe(self) -> str:
        return f"Basic Profile of PS3.15 {self.table.edition}"


def _on_sequence(action: Action, code: str, place: Place) -> Action:
    match action:
        case Dummy():
            return DummyContent(place.tag)
        case RemapUid():
            return Keep()
        case Empty() if code == "X/Z/U*":
            return Keep()
        case _:
            return action
