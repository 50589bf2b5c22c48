"""What there is to look at in a loop, so that print is seen though it shows for a part of the loop only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from philae.deid.pixels.frame import Frame, Samples

View: TypeAlias = NDArray[np.uint8]
"""Shape (rows, columns) or (rows, columns, 3)."""

PARTS: Final = 8
"""Print that stands for so many parts of a loop, and five frames at least, is seen in a frame of its own."""
_STILL: Final = 6 / 255
"""Of all values in the loop: so little does print change from frame to frame, lossy compression included."""
_NEW: Final = 25 / 255
_BLOCK: Final = 8
_INK: Final = 6
"""Pixels of a block of 8 x 8 that must be new and stand still, as strokes do and speckle does not."""
_LEAST_BLOCKS: Final = 4
_STANDS: Final = 5


@dataclass(frozen=True, slots=True)
class Look:
    """One picture to look at: a frame as it is, or, where it ``is_composed``, what all frames have in them."""

    view: View
    is_composed: bool = False


def moments(frames: Iterable[Frame], count: int, shown: Callable[[Frame], View]) -> Iterator[Look]:
    """What to look at of a loop of ``count`` frames, as ``shown`` shows it.

    The first frame, the one in the middle, and each in which something new stands still, at most one in an eighth of
    the loop; in the end the brightest and the darkest value that each pixel ever has.
    """
    watch, looked_at = _Watch(), 0
    for index, frame in enumerate(frames):
        is_time = index - looked_at >= max(1, count // PARTS)
        samples = frame.samples if _is_grey(frame) else shown(frame)
        watch.see(samples)
        if index in (0, count // 2) or (is_time and watch.stands_anew(samples)):
            watch.looked, looked_at = samples, index
            yield Look(shown(frame))
    for samples in watch.extremes:
        view = shown(replace(frame, samples=samples)) if _is_grey(frame) else samples.astype(np.uint8, copy=False)
        yield Look(view, is_composed=True)


def _is_grey(frame: Frame) -> bool:
    """Whether it can be told from the samples themselves how much they differ."""
    return frame.samples.ndim == 2 and frame.photometric != "PALETTE COLOR"


class _Watch:
    """For how many frames each pixel has stood still, and the frame that was ``looked`` at last."""

    def __init__(self) -> None:
        self.looked: Samples | None = None
        self.extremes: tuple[Samples, ...] = ()
        """The brightest and the darkest that each pixel was so far."""
        self._latest: Samples | None = None
        self._stood: NDArray[np.uint8] | None = None

    def see(self, samples: Samples) -> None:
        if self._latest is None or self._stood is None:
            self._stood = np.ones(samples.shape[:2], np.uint8)
            self.extremes = samples.copy(), samples.copy()
        else:
            brightest, darkest = self.extremes
            np.maximum(brightest, samples, out=brightest)
            np.minimum(darkest, samples, out=darkest)
            self._stood[self._stood < _STANDS] += 1
            self._stood[self._differs(samples, self._latest, _STILL)] = 1
        self._latest = samples

    def stands_anew(self, samples: Samples) -> bool:
        """Whether strokes stand still that were not in the frame that was looked at last."""
        if self.looked is None or self._stood is None:
            return True
        new = self._differs(samples, self.looked, _NEW) & (self._stood == _STANDS)
        rows, columns = (length // _BLOCK * _BLOCK for length in new.shape)
        blocks = new[:rows, :columns].reshape(rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)
        return int((blocks.sum((1, 3)) >= _INK).sum()) >= _LEAST_BLOCKS

    def _differs(self, one: Samples, other: Samples, share: float) -> NDArray[np.bool_]:
        brightest, darkest = self.extremes
        unsigned = (np.maximum(one, other) - np.minimum(one, other)).view(f"u{one.dtype.itemsize}")
        difference = unsigned > share * (float(brightest.max()) - float(darkest.min()))
        return np.asarray(difference if difference.ndim == 2 else difference.any(-1))
