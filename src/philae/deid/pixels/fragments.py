"""Frames of encapsulated pixel data as ranges of the source (PS3.5 A.4)."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.module import EXTENDED_OFFSETS
from philae.dicom.headers import read_header
from philae.dicom.layout import ITEM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.deid.pixels.module import Image

MOST_FRAGMENTS: Final = 1 << 20
_SLACK: Final = 1 << 20
_STARTS: Final = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP")


class Fragments:
    """The fragments of one image, and which of them make up each frame."""

    def __init__(self, image: Image) -> None:
        """Raises `BadPixels` if the fragments cannot be assigned to as many frames as the dataset declares."""
        self._source = image.encoded.source
        self._longest = 2 * image.module.frame_length + _SLACK
        self._starts, self._ends = array("Q"), array("Q")
        self._read(image)
        self._firsts = self._first_fragments(image)

    def frame(self, index: int) -> bytes:
        """The encoded frame, joined from its fragments. Raises `BadPixels` if no codec would need that many bytes."""
        first, behind = self._firsts[index], self._firsts[index + 1]
        if self._ends[behind - 1] - self._starts[first] > self._longest:
            raise BadPixels("an encoded frame is far longer than the decoded one would be")
        return b"".join(self._source[self._starts[at] : self._ends[at]] for at in range(first, behind))

    def end(self, index: int) -> int:
        """Where the last fragment of a frame ends."""
        return self._ends[self._firsts[index + 1] - 1]

    def _read(self, image: Image) -> None:
        """Find the fragments; the first item is the Basic Offset Table."""
        header = image.pixel_data
        position, end = header.value, header.end - 8  # the delimiter was found when the dataset was scanned
        while position < end:
            tag, _, value, length = read_header(self._source, position, end, image.layout)
            if tag != ITEM or len(self._starts) > MOST_FRAGMENTS:
                raise BadPixels("the fragments of Pixel Data (7FE0,0010) cannot be read, or are too many")
            self._starts.append(value)
            self._ends.append(value + length)
            position = value + length
        if len(self._starts) < 2:
            raise BadPixels("Pixel Data (7FE0,0010) has no fragments")

    def _first_fragments(self, image: Image) -> Sequence[int]:
        """The number of each frame's first fragment, and behind them the number of fragments."""
        frames, count = image.module.frames, len(self._starts) - 1
        if frames > count:
            raise BadPixels(f"{count} fragments cannot be assigned to {frames} frames")
        table = self._offsets(image) if frames > 1 else ()
        del self._starts[0], self._ends[0]
        if frames == 1:
            return (0, count)
        if table:
            return (*self._at_offsets(table), count)
        if frames == count:
            return range(count + 1)
        firsts = [at for at in range(count) if self._begins_frame(at)]
        if len(firsts) != frames or firsts[0] != 0:
            raise BadPixels(f"{count} fragments cannot be assigned to {frames} frames without an offset table")
        return (*firsts, count)

    def _offsets(self, image: Image) -> Sequence[int]:
        """The offset of each frame, nothing if there is no table; of another length it is not even read."""
        frames = image.module.frames
        extended = image.value(EXTENDED_OFFSETS)
        width, length = (8, len(extended)) if extended else (4, self._ends[0] - self._starts[0])
        if length == 0:
            return ()
        if length != width * frames:
            raise BadPixels(
                f"the offset table does not have the {frames} entries that Number of Frames (0028,0008) says"
            )
        raw = extended or bytes(self._source[self._starts[0] : self._ends[0]])
        return [int.from_bytes(raw[at : at + width], "little") for at in range(0, length, width)]

    def _at_offsets(self, table: Sequence[int]) -> list[int]:
        base = self._starts[0] - 8  # offsets count from the first byte of the first fragment's item tag
        firsts = [bisect_left(self._starts, base + offset + 8) for offset in table]
        count = len(self._starts)
        is_sound = all(
            first < count and self._starts[first] == base + offset + 8
            for first, offset in zip(firsts, table, strict=True)
        )
        if not is_sound or firsts[0] != 0 or any(a >= b for a, b in pairwise(firsts)):
            raise BadPixels("the offset table of Pixel Data (7FE0,0010) does not lead to its fragments")
        return firsts

    def _begins_frame(self, fragment: int) -> bool:
        head = bytes(self._source[self._starts[fragment] : self._starts[fragment] + 6])
        return head.startswith(_STARTS)
