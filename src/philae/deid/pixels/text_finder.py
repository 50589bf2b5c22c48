"""Text in a picture: where it is, and what it says (RapidOCR, whose models are in its wheel)."""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from philae.deid.pixels.codec import library
from philae.deid.pixels.errors import UnsupportedPixels
from philae.deid.pixels.freed_memory import give_freed_memory_back
from philae.deid.pixels.masks import Area

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from philae.deid.pixels.loop import View

_MODELS: Final = {"Det": "PP-OCRv6_det_small", "Rec": "PP-OCRv6_rec_small", "Cls": "ch_ppocr_mobile_v2.0_cls_mobile"}
_EXTRA: Final = "text"
_TILE: Final = 1024
_OVERLAP: Final = 96
"""Pixels: higher than the text that is read, so that no line is only in halves."""
_HIGHEST: Final = 96
_LINES: Final = 12
"""What is higher than so many pixels, or this part of a large picture, is no line of text but anatomy."""
_TALL: Final = 1.5
_MARGIN: Final = 0.3
_LEAST_MARGIN: Final = 3
_MOST_ACROSS: Final = 8
"""Pixels added above and below a line; its ends, where more is missing at times, get their full share."""
_AS_LONG: Final = 0.95
_LARGE: Final = 36
"""A line of so many pixels is large print: if nothing can be read there, in any script, it is no text."""
_SURELY: Final = 0.25
"""How sure of itself the recogniser must be: of most speckle it is less, of print in any script, read or not, more."""
_CLEARLY: Final = 1.25
"""So many times as high as a line found in its midst, it is the surroundings of that line that must say something."""
_LEAST_SCORE: Final = 0.4
"""Of the detector for a box to count; it would itself pass over what is below 0.5, faint print on noise among it."""
_using = Lock()
"""The detector keeps what it is at in itself."""


def text_areas(view: View, known: Collection[Area] | None = None) -> list[Area]:
    """Where text stands in the picture or in its negative, with a margin.

    Both are looked at upright and turned by 90 degrees: so lines that run up are found, and faint ones that were
    missed. For a picture that is composed of many, say what is ``known`` to go from these: anything else in it counts
    if it can be read, since noise adds up to shapes. Raises `UnsupportedPixels`, `MissingCodec`.
    """
    colours = np.repeat(view[..., None], 3, 2) if view.ndim == 2 else view
    highest = max(_HIGHEST, max(colours.shape[:2]) // _LINES)
    found: set[Area] = set()
    for top, left, tile in _tiles(colours):
        boxes = [box for box in _boxes_in_both(tile) if _height(box) <= highest]
        turned = [_turned_back(box, tile.shape[1]) for box in _boxes_in_both(np.rot90(tile)) if _height(box) <= highest]
        lying = [box for box in turned if not any(_is_truer(_mirrored(other), _mirrored(box)) for other in boxes)]
        boxes = [box for box in boxes if not any(_is_truer(other, box) for other in turned)] + lying
        legible = list(_legible(tile, boxes, None if known is None else _moved(known, top, left)))
        found.update(_grown(box, top, left, colours.shape) for box in legible if not _is_blot(box, legible))
    return sorted(found)


def text_in(view: View, area: Area) -> str:
    """What is written in an area, in either direction of reading; empty if it cannot be read."""
    return "\n".join(text for text, _ in _readings(view[area.top : area.bottom, area.left : area.right]))


def _readings(part: View) -> list[tuple[str, float]]:
    """What each way of looking at a part of a picture says, and how surely, from 0 to 1."""
    colours = np.repeat(part[..., None], 3, 2) if part.ndim == 2 else part
    lying = [colours] if colours.shape[0] <= 1.5 * colours.shape[1] else [np.rot90(colours), np.rot90(colours, 3)]
    pictures = [np.ascontiguousarray(shown) for one in lying for shown in (one, 255 - one)]
    answers = (_said(picture, use_det=False, use_rec=True) for picture in pictures)
    return [reading for said in answers for reading in zip(said.txts or (), said.scores or (), strict=True)]


def _says_something(part: View, surely: float) -> bool:
    return any(text and score >= surely for text, score in _readings(part))


def detected(picture: View) -> Any:
    """The detector's own answer for a picture in colour: four corners (x, y) of each text."""
    boxes = _said(picture, use_det=True, use_rec=False).boxes
    return () if boxes is None else boxes


def _boxes_in_both(tile: View) -> Iterator[Any]:
    """Four corners (x, y) of each text in the tile and in its negative."""
    for picture in (tile, 255 - tile):
        yield from detected(np.ascontiguousarray(picture))


def _legible(tile: View, boxes: Iterable[Any], known: Sequence[Area] | None) -> Iterator[Any]:
    """The boxes without the large ones that say nothing, such as vessels, beside the lines found in their midst.

    Where it is said what is ``known``, even if that is nothing, small ones must say something too, and surely. Print
    in scripts that are not read says something all the same: blanks.
    """
    kept: list[tuple[float, Area]] = []
    least_height, surely = (_LARGE, 0.0) if known is None else (0, _SURELY)
    for height, area, box in sorted(
        ((_height(box), _grown(box, 0, 0, tile.shape), box) for box in boxes), key=itemgetter(0, 1)
    ):
        lines = [*(known or ()), *(line for low, line in kept if _CLEARLY * low <= height)]
        if height < least_height or _says_something(_without(tile, area, lines), surely):
            kept.append((height, area))
            yield box


def _moved(areas: Iterable[Area], top: int, left: int) -> list[Area]:
    """Where the areas are in a tile that begins there."""
    places = ((a.top - top, a.bottom - top, a.left - left, a.right - left) for a in areas)
    return [Area(*(max(0, edge) for edge in place)) for place in places]


def _without(tile: View, area: Area, lines: Iterable[Area]) -> View:
    """The area with what is around it in place of the lines."""
    whole = tile.copy()
    part = whole[area.top : area.bottom, area.left : area.right]
    ground = np.median(part, (0, 1))
    for line in lines:
        whole[line.top : line.bottom, line.left : line.right] = ground
    return part


def _is_blot(box: Any, boxes: Sequence[Any]) -> bool:
    """Whether a box of about one sign was found once among all ``boxes``, with no other near it, as in noise."""
    height, (first, last) = _height(box), (box.min(0), box.max(0))
    is_one_sign = (last - first).max() < _TALL * height
    return is_one_sign and sum(_meets(other, first - height, last + height) for other in boxes) == 1


def _meets(box: Any, first: Any, last: Any) -> bool:
    return bool((box.min(0) <= last).all() and (box.max(0) >= first).all())


def _is_upright(box: Any) -> bool:
    """Whether its text runs up or down: then lines beside it are found better lying."""
    width, height = np.ptp(box, 0)
    return bool(height > _TALL * width)


def _is_truer(other: Any, box: Any) -> bool:
    """Whether the ``box`` of an upright line, found with too much beside it, is that of ``other``, found lying."""
    (left, top), (right, bottom) = box.min(0), box.max(0)
    (inner_left, inner_top), (inner_right, inner_bottom) = other.min(0), other.max(0)
    is_inside = left - _LEAST_MARGIN <= inner_left and inner_right <= right + _LEAST_MARGIN
    is_as_long = inner_bottom - inner_top >= _AS_LONG * (bottom - top)
    return _is_upright(box) and is_inside and is_as_long and bool(top < (inner_top + inner_bottom) / 2 < bottom)


def _mirrored(box: Any) -> Any:
    """With rows and columns exchanged."""
    return box[:, ::-1]


def _turned_back(box: Any, columns: int) -> Any:
    """A box of the tile that was turned by 90 degrees, where it is in the tile of ``columns``."""
    return np.stack((columns - 1 - box[:, 1], box[:, 0]), 1)


def _tiles(view: View) -> Iterator[tuple[int, int, View]]:
    rows, columns = view.shape[:2]
    for top in _starts(rows):
        for left in _starts(columns):
            yield top, left, np.ascontiguousarray(view[top : top + _TILE, left : left + _TILE])


def _starts(length: int) -> range:
    return range(0, max(1, length - _OVERLAP), _TILE - _OVERLAP)


def _height(box: Any) -> float:
    """Of a line of text, whichever way it runs."""
    corners = np.asarray(box, np.float64)
    return float(min(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[1] - corners[2])))


def _grown(box: Any, top: int, left: int, shape: tuple[int, ...]) -> Area:
    """The upright area around a box, with what hangs out of it."""
    first, last = box.min(0), box.max(0)
    margin = max(_LEAST_MARGIN, round(_MARGIN * float((last - first).min())))
    across = min(margin, _MOST_ACROSS)
    x, y = (across, margin) if _is_upright(box) else (margin, across)
    return Area(
        max(0, top + int(first[1]) - y),
        min(shape[0], top + int(last[1]) + y + 1),
        max(0, left + int(first[0]) - x),
        min(shape[1], left + int(last[0]) + x + 1),
    )


def _said(picture: View, *, use_det: bool, use_rec: bool) -> Any:
    try:
        with _using:
            return _engine()(picture, use_det=use_det, use_cls=False, use_rec=use_rec)
    except _failures() as error:
        raise UnsupportedPixels(f"text cannot be looked for ({type(error).__name__})") from None


@cache
def _engine() -> Any:
    give_freed_memory_back()  # the models' buffers differ with every picture
    rapidocr = library("rapidocr", "rapidocr", _EXTRA)
    models = Path(rapidocr.__file__).with_name("models")
    settings = {f"{part}.model_path": str(models / f"{name}.onnx") for part, name in _MODELS.items()}
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    limits = {"Global.max_side_len": 1 << 16, "Global.log_level": "critical", "Det.box_thresh": _LEAST_SCORE}
    return rapidocr.RapidOCR(params=settings | threads | limits)


@cache
def _failures() -> tuple[type[Exception], ...]:
    runtime = library("onnxruntime.capi.onnxruntime_pybind11_state", "onnxruntime", _EXTRA)
    return (
        runtime.Fail,
        runtime.RuntimeException,
        runtime.InvalidArgument,
        library("cv2", "opencv-python-headless", _EXTRA).error,
    )
