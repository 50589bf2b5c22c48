"""The default dummy of each VR: what action D of the Basic Profile writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from philae.deid.dates import shift_as, shift_da, shift_dt, shift_tm
from philae.deid.errors import UnreadableDate

if TYPE_CHECKING:
    from philae.deid.context import Context, Value

_UNKNOWN: Final = dict.fromkeys("AE CS LO LT PN SH ST UC UR UT".split(), b"UNKNOWN")  # noqa: SIM905 - as PS3.5 lists
_ZERO: Final = {"DS": b"0", "IS": b"0"}
_EMPTY: Final = dict.fromkeys("AT FD FL OB OD OF OL OV OW SL SS SV UL US UV".split(), b"")  # noqa: SIM905
FIXED_DUMMIES: Final = _UNKNOWN | _ZERO | _EMPTY
"""Dummies that do not depend on the value they replace."""

_SHIFTS: Final[dict[str, Callable[[str, Context], str]]] = {
    "AS": lambda text, context: shift_as(text, context.dummy_shift.days),
    "DA": lambda text, context: shift_da(text, context.dummy_shift.days),
    "TM": lambda text, context: shift_tm(text, context.dummy_shift.seconds),
    "DT": lambda text, context: shift_dt(text, context.dummy_shift),
}


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
    shift = _SHIFTS.get(value.vr)
    if shift is None:
        return None
    if not text:
        return b""
    try:
        return shift(text, context).encode("ascii")
    except UnreadableDate:
        return None
