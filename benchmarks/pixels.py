"""Masks, text and faces: what they cost beside the codecs and the detector that they stand on, in processor time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np

from benchmarks.measure import Case, Sample
from benchmarks.settings import Settings
from philae.deid.pixels.change import PixelChange, assembled, flattened
from philae.deid.pixels.cleaning import clean, deface, transcoded
from philae.deid.pixels.codec import Quality
from philae.deid.pixels.codecs import decode, encode
from philae.deid.pixels.defacing import face_painter
from philae.deid.pixels.detection import found_text
from philae.deid.pixels.fragments import Fragments
from philae.deid.pixels.module import Image
from philae.deid.pixels.order import Detection
from philae.deid.pixels.text_finder import detected, text_areas
from philae.deid.profile import Mask, Rectangle
from philae.dicom.splice import Span
from philae.dicom.syntax import transfer_syntax
from tests.support import heads
from tests.support.images import COLOUR, GREY, changed_image, dataset, image_of, pixels
from tests.support.imprints import Imprint, imprinted

SIDE = 512
FRAMES = 48
CINE = 50
SYNTAXES = {"RLE": "1.2.840.10008.1.2.5", "JPEG-LS": "1.2.840.10008.1.2.4.80", "JPEG 2000": "1.2.840.10008.1.2.4.90"}
BANNER = Mask("*", rectangles=(Rectangle(0, 0, SIDE - 1, 60),))
EVERY_ROW = Mask("*", rectangles=(Rectangle(0, 0, 90, SIDE - 1),))
PICTURES = 4
"""That a view is looked at as: it and its negative, upright and turned."""
LEAST_S = 0.5


def cases(settings: Settings) -> Iterator[Case]:
    """Return what is promised: MB/s of native masks, and each peer beside us."""
    for name, mask in (("banner", BANNER), ("every row", EVERY_ROW)):
        yield Case("pixels", f"native mask, {name}, MB/s", 0, "Philae", partial(_native, settings, mask))
    for name, uid in SYNTAXES.items():
        yield Case("pixels", f"{name} mask", 0, "Philae", partial(_repeated, partial(_masked, uid), FRAMES))
        yield Case("pixels", f"{name} mask", 0, "codec alone", partial(_repeated, partial(_recoded, uid), FRAMES))
    yield Case("pixels", "text", 0, "Philae", partial(_repeated, _searched, PICTURES))
    yield Case("pixels", "text", 0, "RapidOCR detector", partial(_repeated, _detected, PICTURES))
    yield Case("pixels", "still overlay", 0, "50 frames", partial(_repeated, partial(_looped, CINE), 1))
    yield Case("pixels", "still overlay", 0, "1 frame", partial(_repeated, partial(_looped, 1), 1))
    yield Case("pixels", "faces", 0, "Philae", partial(_repeated, _defaced, 1))


def _repeated(work: Callable[[], object], count: int) -> Sample:
    """Processor time of ``work``, which does ``count`` of something; once before it counts."""
    work()
    times, began = 0, time.process_time()
    while time.process_time() - began < LEAST_S:
        work()
        times += 1
    cpu_s = time.process_time() - began
    return Sample({"rate": count * times / cpu_s, "cpu_ms": 1000 * cpu_s / (count * times)})


def _native(settings: Settings, mask: Mask) -> Sample:
    image = image_of(dataset(COLOUR, pixels(COLOUR, SIDE, SIDE, FRAMES)))
    with settings.memory_folder() as folder, (folder / "masked").open("wb", buffering=0) as file:
        megabytes = image.module.frame_length * FRAMES / 1e6
        sample = _repeated(partial(_written, image, mask, file.fileno()), 1)
    return Sample({"rate": megabytes * sample.figures["rate"]})


def _written(image: Image, mask: Mask, descriptor: int) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    change = clean(image, mask)
    assert change is not None
    with memoryview(image.encoded.source) as view:
        for segment in flattened(assembled(change)):
            os.write(descriptor, view[segment.start : segment.end] if isinstance(segment, Span) else segment)


@cache
def _encoded(uid: str) -> Image:
    return changed_image(
        transcoded(image_of(dataset(COLOUR, pixels(COLOUR, SIDE, SIDE, FRAMES))), transfer_syntax(uid))
    )


def _masked(uid: str) -> PixelChange | None:
    return clean(_encoded(uid), BANNER)


def _recoded(uid: str) -> int:
    image = _encoded(uid)
    fragments = Fragments(image)
    frames = (decode(fragments.frame(index), uid, image.module) for index in range(FRAMES))
    return sum(len(encode(frame, uid, Quality()).data) for frame in frames)


@cache
def _picture() -> np.ndarray:
    return imprinted(Imprint("US", 16, 0.6), SIDE)[0]


def _searched() -> object:
    return text_areas(_picture())


def _detected() -> object:
    colours = np.repeat(_picture()[..., None], 3, 2)
    return [
        detected(np.ascontiguousarray(picture))
        for turned in (colours, np.rot90(colours))
        for picture in (turned, 255 - turned)
    ]


@cache
def _loop(frames: int) -> Image:
    """An overlay that stands still over speckle that does not."""
    random = np.random.default_rng(5)
    loop = np.repeat(_picture()[None], frames, 0)
    sector = loop[:, SIDE // 3 :]
    sector += random.integers(0, 20, sector.shape).astype("u1")
    return image_of(dataset(GREY, loop))


def _looped(frames: int) -> object:
    return found_text(_loop(frames), Detection("mask", (), is_told=False))


@cache
def _slice() -> Image:
    large = heads.slice_of(*heads.HEAD).repeat(2, 0).repeat(2, 1)
    return image_of(heads.ct(large, PixelSpacing=[heads.SPACING / 2] * 2))


def _defaced() -> object:
    return deface(_slice(), face_painter(_slice(), heads.SEEDS))
