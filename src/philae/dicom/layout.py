"""The bytes of an element's header in each byte order and VR mode (PS3.5 section 7.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from typing import TYPE_CHECKING, Final

from philae.dicom.standard.dictionary import vr_of

if TYPE_CHECKING:
    from philae.dicom.syntax import TransferSyntax

UNDEFINED: Final = 0xFFFFFFFF
ITEM: Final = 0xFFFEE000
ITEM_END: Final = 0xFFFEE00D
SEQUENCE_END: Final = 0xFFFEE0DD

SHORT_VRS: Final = frozenset(
    "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()  # noqa: SIM905 - reads like PS3.5 7.1.2
)
VRS: Final = SHORT_VRS | {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
_DESCRIBED_LIMIT: Final = 1 << 13
SHORT_LIMIT: Final = 0xFFFE  # longest even length that a 16-bit field holds


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """One way to write headers. ``head`` unpacks eight bytes to (key, length); a key is the tag and, if written, the VR.

    In an explicit layout the length belongs to the VRs with 16-bit lengths; the others have 32 bits at offset 8.
    """

    implicit: bool
    big_endian: bool
    head: Struct = field(init=False)
    tag: Struct = field(init=False)
    u16: Struct = field(init=False)
    u32: Struct = field(init=False)
    _described: dict[bytes, tuple[int, str, int]] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        order = ">" if self.big_endian else "<"
        object.__setattr__(self, "head", Struct(f"{order}4sI" if self.implicit else f"{order}6sH"))
        object.__setattr__(self, "tag", Struct(f"{order}HH"))
        object.__setattr__(self, "u16", Struct(f"{order}H"))
        object.__setattr__(self, "u32", Struct(f"{order}I"))

    def tag_of(self, key: bytes) -> int:
        group, element = self.tag.unpack_from(key)
        return int(group) << 16 | int(element)

    def vr_of(self, key: bytes) -> str:
        """The VR that a header names or, in implicit VR, that PS3.6 says; empty if the two bytes cannot be a VR."""
        if self.implicit or self.tag_of(key) >> 16 == 0xFFFE:
            return implied_vr(self.tag_of(key))
        vr = key[4:6].decode("latin-1")
        return vr if vr.isascii() and vr.isalpha() and vr.isupper() else ""

    def describe(self, key: bytes) -> tuple[int, str, int]:
        """Tag, VR and header length of a key; the VR is empty for items, delimiters and what cannot be a VR."""
        known = self._described.get(key)
        if known is None:
            tag = self.tag_of(key)
            vr = "" if tag >> 16 == 0xFFFE else self.vr_of(key)
            known = (tag, vr, 8 if tag >> 16 == 0xFFFE else self.header_length(vr))
            if len(self._described) < _DESCRIBED_LIMIT:
                self._described[key] = known
        return known

    def header_length(self, vr: str) -> int:
        return 8 if self.implicit or vr in SHORT_VRS else 12

    def header(self, tag: int, vr: str, length: int) -> bytes:
        """A header; VRs without a 16-bit length get their two reserved bytes."""
        start = self.tag.pack(tag >> 16, tag & 0xFFFF)
        if self.implicit or tag >> 16 == 0xFFFE:
            return start + self.u32.pack(length)
        code = vr.encode("ascii")
        if vr in SHORT_VRS:
            return start + code + self.u16.pack(length)
        return start + code + b"\0\0" + self.u32.pack(length)


IMPLICIT: Final = Layout(implicit=True, big_endian=False)
EXPLICIT: Final = Layout(implicit=False, big_endian=False)
BIG_ENDIAN: Final = Layout(implicit=False, big_endian=True)


def layout_of(syntax: TransferSyntax) -> Layout:
    """How a transfer syntax writes headers."""
    if syntax.implicit:
        return IMPLICIT
    return BIG_ENDIAN if syntax.big_endian else EXPLICIT


def implied_vr(tag: int) -> str:
    """The VR of a tag where none is written: PS3.6, LO for private creators, UL for group lengths, else UN."""
    return vr_of(tag) or "UN"
