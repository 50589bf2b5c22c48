"""What a C-STORE status means (PS3.4 table B.2-1, PS3.7 annex C) and whether sending again may help."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from typing_extensions import override


class StatusClass(Enum):
    """What became of the instance at the peer."""

    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """A status in words. ``transient`` tells whether the same instance may be accepted later."""

    code: int
    meaning: str
    status_class: StatusClass
    transient: bool = False

    @property
    def stored(self) -> bool:
        """Whether the peer has the instance: success, or a warning about what it changed."""
        return self.status_class is not StatusClass.FAILURE

    @override
    def __str__(self) -> str:
        return f"{self.code:04X}H {self.meaning}"


_EXACT: Final = {
    0x0000: "success",
    0x0001: "success, with optional attributes not supported",
    0x0105: "no such attribute",
    0x0106: "invalid attribute value",
    0x0107: "stored, attribute list error",
    0x0110: "processing failure",
    0x0111: "duplicate SOP instance",
    0x0112: "no such SOP instance",
    0x0115: "invalid argument value",
    0x0116: "stored, attribute value out of range",
    0x0117: "invalid SOP instance",
    0x0118: "no such SOP class",
    0x0120: "missing attribute",
    0x0121: "missing attribute value",
    0x0122: "SOP class not supported",
    0x0124: "not authorized",
    0x0210: "duplicate invocation",
    0x0211: "unrecognized operation",
    0x0212: "mistyped argument",
    0x0213: "resource limitation",
    0xB000: "stored, coercion of data elements",
    0xB006: "stored, elements discarded",
    0xB007: "stored, dataset does not match SOP class",
    0xFE00: "cancelled",
}
_WARNINGS: Final = frozenset({0x0001, 0x0107, 0x0116})
_TRANSIENT: Final = frozenset({0x0110, 0x0213})


def store_status(code: int) -> StoreStatus:
    """The meaning of a C-STORE status; a code that no table lists is a permanent failure."""
    if code == 0:
        return StoreStatus(code, _EXACT[code], StatusClass.SUCCESS)
    if code in _WARNINGS or code >> 12 == 0xB:
        return StoreStatus(code, _EXACT.get(code, "stored, with a warning"), StatusClass.WARNING)
    return StoreStatus(code, _failure(code), StatusClass.FAILURE, transient=code >> 8 == 0xA7 or code in _TRANSIENT)


def _failure(code: int) -> str:
    if code >> 8 == 0xA7:
        return "refused, out of resources"
    if code >> 8 == 0xA9:
        return "dataset does not match SOP class"
    if code >> 12 == 0xC:
        return "cannot understand"
    return _EXACT.get(code, "unknown status")
