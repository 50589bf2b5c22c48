"""Transfer syntaxes and how each lays out a dataset (PS3.5 section 10, annex A)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from philae.dicom.standard.uids import uid_name

_DEFLATED: Final = frozenset(
    {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"}  # the latter two are JPIP
)
_IMPLICIT: Final = frozenset({"1.2.840.10008.1.2", "1.2.840.113619.5.2"})  # the latter is GE's with big-endian pixels
_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
_NATIVE: Final = _DEFLATED | _IMPLICIT | {"1.2.840.10008.1.2.1", _BIG_ENDIAN}


@dataclass(frozen=True, slots=True)
class TransferSyntax:
    """How a dataset is laid out: VR written or not, byte order, deflated as a whole, pixel data in fragments."""

    uid: str
    name: str
    implicit: bool
    big_endian: bool
    deflated: bool
    encapsulated: bool


@lru_cache(maxsize=256)
def transfer_syntax(uid: str) -> TransferSyntax:
    """The layout of a transfer syntax; one we do not know counts as Explicit VR Little Endian with fragments."""
    return TransferSyntax(
        uid=uid,
        name=uid_name(uid) or uid,
        implicit=uid in _IMPLICIT,
        big_endian=uid == _BIG_ENDIAN,
        deflated=uid in _DEFLATED,
        encapsulated=uid not in _NATIVE,
    )


IMPLICIT_LE: Final = transfer_syntax("1.2.840.10008.1.2")
EXPLICIT_LE: Final = transfer_syntax("1.2.840.10008.1.2.1")
DEFLATED_LE: Final = transfer_syntax("1.2.840.10008.1.2.1.99")
EXPLICIT_BE: Final = transfer_syntax(_BIG_ENDIAN)
