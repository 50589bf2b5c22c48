"""A body in another transfer syntax, for receivers that do not take the one it has."""

from __future__ import annotations

from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from philae.dicom.recode import recode
from philae.dicom.scan import Encoded, inflate
from philae.pipeline.body import Body

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from philae.deid.pixels.change import Piece
    from philae.dicom.syntax import TransferSyntax

_BLOCK = 1 << 20


class Unnamed:
    """An edited dataset laid out in one piece, in a file that has no name and ends with this object."""

    def __init__(self, body: Body, syntax: TransferSyntax) -> None:
        with TemporaryFile() as file:
            for buffer in body.buffers():
                file.write(buffer)
            file.flush()
            self._map = mmap(file.fileno(), 0, access=ACCESS_READ)
        self._encoded = inflate(Encoded(self._map, 0, len(self._map), syntax))

    @property
    def encoded(self) -> Encoded:
        """The dataset, inflated."""
        return self._encoded

    def blocks(self, start: int, end: int) -> Iterator[memoryview]:
        """The bytes of a range."""
        with memoryview(self._encoded.source) as view:
            for position in range(start, end, _BLOCK):
                yield view[position : min(position + _BLOCK, end)]

    def close(self) -> None:
        """Nothing to do: the map goes with the last reference to it."""


def recoded(body: Body, source: TransferSyntax, target: TransferSyntax) -> Body:
    """The same dataset in ``target``, which is native and little endian; encapsulated frames are decoded for it.

    Raises `MalformedDataset`, or `PixelFault` if a frame cannot be decoded.
    """
    file = Unnamed(body, source)
    return Body(file, _decoded(file.encoded, target) if source.encapsulated else recode(file.encoded, target))


def _decoded(encoded: Encoded, target: TransferSyntax) -> Sequence[Piece]:
    from philae.deid.pixels.change import assembled  # noqa: PLC0415 - numpy costs start-up time
    from philae.deid.pixels.cleaning import transcoded  # noqa: PLC0415
    from philae.deid.pixels.module import read_image  # noqa: PLC0415

    image = read_image(encoded)
    return recode(encoded, target) if image is None else assembled(transcoded(image, target))
