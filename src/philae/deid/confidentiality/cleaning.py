"""What action C and its neighbours do to single values: own identifiers out of text, UIDs replaced, documents refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from philae.deid.actions import Action, Outcome, Result, Rewritten
from philae.deid.errors import DeidError
from philae.deid.shifts import ShiftRange
from philae.deid.temporal import Move
from philae.dicom.standard.uids import is_well_known
from philae.dicom.tags import format_tag
from philae.dicom.values import ASCII, TEXT_VRS, UNSPLIT_VRS, decode_text, encode_text, stripped

if TYPE_CHECKING:
    from philae.deid.context import Context, Value
    from philae.deid.shifts import Shift

MODIFIED_DATES: Final = ShiftRange(1, 366, 0, 86_400)
"""By how much the dates and times of a patient move: never by nothing, the same in all studies."""
CLASS_UIDS: Final = frozenset(
    {
        0x00041510,  # Referenced SOP Class UID in File
        0x00041512,  # Referenced Transfer Syntax UID in File
        0x0004151A,  # Referenced Related General SOP Class UID in File
        0x00080016,  # SOP Class UID
        0x0008001A,  # Related General SOP Class UID
        0x0008001B,  # Original Specialized SOP Class UID
        0x00080062,  # SOP Classes Supported
        0x0008010C,  # Coding Scheme UID
        0x0008010D,  # Context Group Extension Creator UID
        0x00080117,  # Context UID
        0x00080118,  # Mapping Resource UID
        0x00081150,  # Referenced SOP Class UID
        0x0008115A,  # SOP Classes in Study
        0x00083002,  # Available Transfer Syntax UID
        0x04000010,  # MAC Calculation Transfer Syntax UID
    }
)
"""UIDs of kinds and codes, which identify nothing that was made for a patient even if the standard has not got them."""
NOTHING_LEFT: Final = "UNKNOWN"
_LOOKS_LIKE_UID: Final = re.compile(r"2\.25\.[1-9][0-9]{9,38}|[0-2](?:\.(?:0|[1-9][0-9]*)){4,}")
_LONGEST_UID: Final = 64
_LONGEST_TEXT: Final = 1 << 20
"""Bytes of text that are looked through; a longer one is emptied rather than keeping a worker for minutes."""


@dataclass(frozen=True, slots=True)
class CleanText(Action):
    """Take the instance's own identifiers out of each value; ``UNKNOWN`` where nothing else was said (PS3.15 E.3.5)."""

    letter: ClassVar[str] = "C"

    @override
    def apply(self, value: Value, context: Context) -> Result:
        if context.cleaner is None or len(value.raw) > _LONGEST_TEXT:
            return Outcome.IMPOSSIBLE
        text = decode_text(value.raw, value.codecs if value.vr in TEXT_VRS else ASCII)
        parts = [text] if value.vr in UNSPLIT_VRS else text.split("\\")
        cleaned = [context.cleaner.clean(part) for part in parts]
        if cleaned == parts:
            return Outcome.KEPT
        kept = "\\".join(cleaned) if any(map(stripped, cleaned)) else NOTHING_LEFT
        raw = encode_text(kept, context.output_codecs if value.vr in TEXT_VRS else ASCII)
        return Outcome.IMPOSSIBLE if raw is None else Rewritten(value.vr, raw)


@dataclass(frozen=True, slots=True)
class RemapInstanceUid(Action):
    """Write the keyed hash of each UID that the standard does not register; a UN value counts if it looks like one."""

    letter: ClassVar[str] = "U"

    @override
    def apply(self, value: Value, context: Context) -> Result:
        if value.vr == "UN" and len(value.raw) > _LONGEST_UID:
            return Outcome.KEPT
        uids = [stripped(part) for part in decode_text(value.raw).split("\\")]
        if value.vr == "UN" and not all(_LOOKS_LIKE_UID.fullmatch(uid) for uid in uids):
            return Outcome.KEPT
        new = [uid if not uid or is_well_known(uid) else context.uids.new(uid) for uid in uids]
        return Outcome.KEPT if new == uids else Rewritten(value.vr, "\\".join(new).encode("ascii", "replace"))


@dataclass(frozen=True, slots=True)
class MoveInTime(Action):
    """Go back by the patient's shift; ``otherwise`` where the value is no date of its VR (PS3.15 E.3.6)."""

    letter: ClassVar[str] = "C"
    otherwise: Action

    @override
    def moves_by(self, context: Context) -> Shift | None:
        return MODIFIED_DATES.at(context.fraction)

    @override
    def apply(self, value: Value, context: Context) -> Result:
        if not value.text:
            return Outcome.KEPT
        return Move(self.otherwise, MODIFIED_DATES.at(context.fraction)).apply(value, context)


@dataclass(frozen=True, slots=True)
class Refuse(Action):
    """Hold the instance: nobody has looked into ``tag``, and without it there is nothing to send."""

    letter: ClassVar[str] = "D"
    tag: int
    what: str

    @override
    def apply(self, value: Value, context: Context) -> Result:
        if not value.raw:
            return Outcome.KEPT
        raise DeidError(
            f"{self.what} {format_tag(self.tag)} cannot be inspected; remove it with action.on.specific.tags X, "
            "or keep it with K once you know what is in it"
        )
