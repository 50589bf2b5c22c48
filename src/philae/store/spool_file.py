"""An instance in the spool, open for reading."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING, Final

from philae.dicom.part10 import NotDicom, offset_of_dataset
from philae.dicom.scan import Encoded
from philae.dicom.syntax import transfer_syntax
from philae.pipeline.ports import SpoolFileMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_MAPPED_READ: Final = 8 << 20
"""Files up to this size are sent from the map; pages of a larger one would fill the memory of the process."""
BLOCK: Final = 1 << 20


class MappedFile:
    """`philae.pipeline.ports.SpoolFile` on a mapped file."""

    def __init__(self, descriptor: int, transfer_syntax_uid: str) -> None:
        """Takes the descriptor over. Raises `SpoolFileMissing` for a file that no draft wrote."""
        self._descriptor = descriptor
        try:
            self._map = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
            offset = offset_of_dataset(self._map)
        except (NotDicom, ValueError, OSError) as error:
            os.close(descriptor)
            raise SpoolFileMissing(f"the spool file cannot be read: {error}") from error
        self.encoded: Final = Encoded(self._map, offset, len(self._map), transfer_syntax(transfer_syntax_uid))

    def blocks(self, start: int, end: int) -> Iterator[memoryview]:
        if len(self._map) <= LARGEST_MAPPED_READ:
            yield memoryview(self._map)[start:end]
            return
        while start < end:
            block = os.pread(self._descriptor, min(BLOCK, end - start), start)
            if not block:
                raise SpoolFileMissing("the spool file became shorter while it was read")
            yield memoryview(block)
            start += len(block)

    def close(self) -> None:
        """What still refers to the bytes keeps them mapped; then the last reference unmaps."""
        if self._map.closed:
            return
        if len(self._map) > LARGEST_MAPPED_READ:
            self._map.madvise(mmap.MADV_DONTNEED)
        os.close(self._descriptor)
        try:
            self._map.close()
        except BufferError:
            return
