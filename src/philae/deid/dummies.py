"""The default dummy of each VR: what action D of the Basic Profile writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.dates import shift_text
from philae.deid.errors import UnreadableDate

if TYPE_CHECKING:
    from philae.deid.context import Context, Value

_UNKNOWN: Final = dict.fromkeys("AE CS LO LT PN SH ST UC UR UT".split(), b"UNKNOWN")  # noqa: SIM905 - as PS3.5 lists
_ZERO: Final = {"DS": b"0", "IS": b"0"}
_EMPTY: Final = dict.fromkeys("AT FD FL OB OD OF OL OV OW SL SS SV UL US UV".split(), b"")  # noqa: SIM905
FIXED_DUMMIES: Final = _UNKNOWN | _ZERO | _EMPTY
"""Dummies that do not depend on the value they replace."""

_TEMPORAL: Final = frozenset({"AS", "DA", "DT", "TM"})


def dummy_of(value: Value, context: Context) -> bytes | None:
    """The dummy without padding; None if there is none for the VR or the date cannot be read.

    Dates move by up to a year, times by up to a day, the same for one patient; a UID becomes its keyed hash.
    """
    fixed = FIXED_DUMMIES.get(value.vr)
    if fixed is not None:
        return fixed
    text = value.text
    if value.vr == "UI":
        return context.uids.new(text).encode("ascii") if text else b""
    if value.vr not in _TEMPORAL:
        return None
    if not text:
        return b""
    try:
        return shift_text(value.vr, text, context.dummy_shift.past(value.midnights), context.clock).encode("ascii")
    except UnreadableDate:
        return None
