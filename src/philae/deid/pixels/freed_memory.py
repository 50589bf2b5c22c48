"""What becomes of memory that has been used once."""

from __future__ import annotations

import ctypes
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 2 << 20
_KEPT: Final = 16 << 20
"""Bytes. Frames of up to `_LARGE` are taken from what is kept: they come and go too often for the kernel to clear each."""


def give_freed_memory_back() -> None:
    """Let large blocks leave this process as soon as they are freed (glibc's mallopt(3); nothing without glibc).

    Left alone, glibc takes each large block for a sign that more will come and keeps up to 32 MiB of each size, in
    pieces that buffers of other sizes do not fit into.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
