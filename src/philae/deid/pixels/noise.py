"""Numbers that follow from a seed, the same on every machine and with every version of numpy."""

from __future__ import annotations

from hashlib import shake_256
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Noise:
    """A stream of whole numbers."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._calls = 0

    def integers(self, count: int, below: int) -> NDArray[np.int64]:
        """``count`` numbers from 0 to ``below`` - 1, which is at most 65536."""
        self._calls += 1
        raw = shake_256(self._seed + self._calls.to_bytes(4, "big")).digest(4 * count)
        return (np.frombuffer(raw, "<u4").astype(np.int64) * below) >> 32


def landscape(seed: bytes, x: NDArray[np.float64], z: float, knot: float) -> NDArray[np.float64]:
    """Heights from 0 to 1 at places (x, z): smooth, with a hill or a valley about every ``knot``.

    Neighbours are alike wherever they are computed, so the slices of a series fit together one by one.
    """
    columns, row = x / knot, z / knot
    first, last = int(np.floor(columns.min())), int(np.floor(columns.max())) + 1
    lower = int(np.floor(row))
    edges = [_knots(seed, first, last, lower + step) for step in (0, 1)]
    heights = edges[0] + _eased(row - lower) * (edges[1] - edges[0])
    left = np.floor(columns).astype(np.int64)
    share = _eased(columns - left)
    return np.asarray(heights[left - first] * (1 - share) + heights[left - first + 1] * share)


def _knots(seed: bytes, first: int, last: int, row: int) -> NDArray[np.float64]:
    places = (f"{column},{row}".encode() for column in range(first, last + 1))
    raw = b"".join(shake_256(seed + place).digest(2) for place in places)
    return np.frombuffer(raw, "<u2").astype(np.float64) / 65535


def _eased(share: Any) -> Any:
    """From 0 to 1 without an edge at either end."""
    return share * share * (3 - 2 * share)
