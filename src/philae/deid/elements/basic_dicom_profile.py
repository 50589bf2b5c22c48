"""``basic.dicom.profile``: the Basic Application Level Confidentiality Profile of PS3.15 E.2 and its options, E.3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from typing_extensions import override

from philae.deid.actions import SINGLE, Combined
from philae.deid.confidentiality.answers import Answers
from philae.deid.confidentiality.cleaning import Refuse
from philae.deid.confidentiality.options import parse_options
from philae.deid.context import Knowledge
from philae.deid.elements.element import ProfileElement
from philae.deid.errors import DeidError
from philae.deid.methods import BASIC_PROFILE, OPTIONS, MethodCode
from philae.deid.question import WhenHolds
from philae.dicom.standard.confidentiality import ConfidentialityTable, Option, basic_profile
from philae.dicom.tags import is_private

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.profile import ElementSpec, Project

_OVERLAY_ROWS: Final = 0x60000010  # begins an overlay plane (PS3.3 C.9.2)
_OVERLAY_ROWS_MASK: Final = 0xFF01FFFF
_OVERLAY_DATA: Final = 0x3000
_DOCUMENT: Final = 0x00420011
_ENCAPSULATED: Final = "1.2.840.10008.5.1.4.1.1.104."  # PDF, CDA, STL, OBJ, MTL Storage (PS3.4 B.5)
_CLEANING: Final = frozenset({Option.CLEAN_DESCRIPTORS, Option.CLEAN_GRAPHICS, Option.CLEAN_STRUCTURED_CONTENT})
_CLEANS_ROWS: Final = _CLEANING | {Option.RETAIN_PATIENT_CHARACTERISTICS, Option.RETAIN_DEVICE_IDENTITY}


@dataclass(frozen=True, slots=True)
class BasicDicomProfile(ProfileElement):
    """Table E.1-1, column "Basic Profile", or what the columns of the ``options`` chosen say instead.

    A sequence gets the action of its own row: X and Z as usual, with D its content says nothing any more, with U its
    content is treated by the table and the rest kept, with C the rest is cleaned. Sequences of references (X/Z/U*) are
    kept that way rather than emptied, because other modules rely on them. The rest of an overlay plane goes with its
    data, without which it would be invalid; nobody looks at its pixels, so that it goes with Clean Graphics, too.
    ``inherits`` reproduces Karnak instead: the row's code goes down to all content that has no row of its own
    (spec Q4), and overlay planes lose only their data.
    """

    codename: ClassVar[str] = "basic.dicom.profile"
    method: ClassVar[MethodCode | None] = BASIC_PROFILE

    answers: Answers
    inherits: bool

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        try:
            options = parse_options(spec.argument("options") or "")
        except ValueError as fault:
            raise DeidError(f"{cls.codename} {spec.name!r}: {fault}") from fault
        if options and project.inherits_into_sequences:
            raise DeidError(f"{cls.codename} {spec.name!r}: Karnak has no options; leave them out, or reproduce it not")
        return cls(spec.name, Answers(basic_profile(), options), project.inherits_into_sequences)

    @property
    def table(self) -> ConfidentialityTable:
        return self.answers.table

    @property
    def options(self) -> frozenset[Option]:
        return self.answers.chosen

    @property
    @override
    def methods(self) -> tuple[MethodCode, ...]:
        return (BASIC_PROFILE, *(code for option, code in OPTIONS.items() if option in self.options))

    @property
    @override
    def needs_to_know(self) -> Knowledge:
        needs = Knowledge.NOTHING
        if Option.RETAIN_SAFE_PRIVATE in self.options:
            needs |= Knowledge.CREATORS
        if Option.CLEAN_STRUCTURED_CONTENT in self.options:
            needs |= Knowledge.CONCEPTS
        return needs | Knowledge.IDENTIFIERS if self.options & _CLEANS_ROWS else needs

    @override
    def decide(self, place: Place) -> Action | None:
        if self.inherits:
            return self._inherited(place)
        if place.tag == _DOCUMENT and place.sop_class_uid.startswith(_ENCAPSULATED):
            return Refuse(_DOCUMENT, "the Encapsulated Document")
        return self.answers.of(place)

    def _inherited(self, place: Place) -> Action | None:
        row = self.table.row_of(place.tag)
        if row is None:
            return None
        action = SINGLE.get(row.basic) or Combined(row.basic)
        return action.resolved(place) if isinstance(action, Combined) and place.vr != "SQ" else action

    @override
    def afterthought(self, place: Place, *, is_kept: bool) -> Action | None:
        if self.inherits:
            return None
        is_kept_private = is_kept and any(map(is_private, (place.tag, *place.path)))
        action = self.answers.replaced(place) if is_kept_private else self.answers.unspoken(place)
        return action if action is None or self.condition is None else WhenHolds(self.condition, action)

    @override
    def needs(self, tag: int) -> int | None:
        is_plane = tag & _OVERLAY_ROWS_MASK == _OVERLAY_ROWS and not self.inherits
        return tag & 0xFFFF0000 | _OVERLAY_DATA if is_plane else None

    @override
    def describe(self) -> str:
        chosen = ", ".join(option.value for option in Option if option in self.options)
        return f"Basic Profile of PS3.15 {self.table.edition}" + (f" with {chosen}" if chosen else "")
