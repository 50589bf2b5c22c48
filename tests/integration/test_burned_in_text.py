"""Text in pixels is found and covered, judged by another program (Tesseract)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tesserocr  # type: ignore[import-untyped]  # the judge has no types
from PIL import Image

from philae.deid.dataset import decode
from philae.deid.engine import compile_profile
from philae.deid.pixels.detection import found_text
from philae.deid.pixels.errors import TextFound, UnusableMask
from philae.deid.pixels.order import Detection
from philae.deid.pixels.text_finder import text_areas
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.scan import Encoded
from philae.dicom.splice import joined
from philae.dicom.syntax import EXPLICIT_LE
from tests.support.datasets import encode
from tests.support.engine import BASIC, NOW, SECRET
from tests.support.images import GREY, dataset, image_of, native_pixels
from tests.support.imprints import NAME, Imprint, background, imprinted, speckle_loop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.deid.pixels.masks import Area

SIZE = 512
BESIDE = 20
"""Pixels around the text that do not count as beside it."""
CELLS = (
    Imprint("US", 10, 0.3),
    Imprint("US", 12, 0.6, "in"),
    Imprint("CT", 10, 0.3, "br"),
    Imprint("CT", 14, 0.6, "tr", upright=False),
    Imprint("SC", 10, 0.3, "bl"),
    Imprint("DX", 10, 0.3, "in"),
    Imprint("DX", 24, 0.3, "tl", upright=False),
    Imprint("XA", 10, 0.6),
    Imprint("XA", 14, 0.6),
)
WHOLE, LITTLE = 0.97, 0.005


def covered(picture: np.ndarray) -> np.ndarray:
    return drawn(text_areas(picture), picture.shape)


def drawn(areas: Iterable[Area], shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape[:2], bool)
    for area in areas:
        mask[area.top : area.bottom, area.left : area.right] = True
    return mask


def shares(mask: np.ndarray, where: tuple[slice, slice]) -> tuple[float, float]:
    """How much of the text is covered, and of the picture beside it."""
    beside = mask.copy()
    beside[tuple(slice(max(0, part.start - BESIDE), part.stop + BESIDE) for part in where)] = False
    return float(mask[where].mean()), float(beside.mean())


def words(picture: np.ndarray) -> str:
    """What Tesseract reads, in the picture and in its negative, twice as large."""
    data = str(Path(sys.prefix) / "share" / "tessdata")
    with tesserocr.PyTessBaseAPI(path=data, lang="eng", psm=tesserocr.PSM.SPARSE_TEXT) as api:
        read = []
        for shown in (picture, 255 - picture):
            page = Image.fromarray(shown)
            api.SetImage(page.resize((2 * page.width, 2 * page.height), Image.Resampling.BICUBIC))
            read.append(api.GetUTF8Text())
    return "".join(read).upper()


@pytest.mark.parametrize("imprint", CELLS, ids=str)
def test_print_of_ten_pixels_is_found_and_little_else(imprint: Imprint) -> None:
    picture, where = imprinted(imprint, SIZE)

    text, beside = shares(covered(picture), where)

    assert text >= WHOLE
    assert beside < LITTLE


@pytest.mark.parametrize("look", ["US", "CT", "DX"])
def test_a_picture_without_text_stays(look: str) -> None:
    assert covered(np.rint(np.clip(background(look, SIZE), 0, 1) * 255).astype("u1")).mean() < LITTLE


def cleaned(values: np.ndarray, policy: str, **changes: object) -> tuple[np.ndarray, str]:
    """The pixels that leave, and what the record says."""
    rule = ElementSpec("Clean", "clean.pixel.data", arguments=(("detect", "true"), ("policy", policy)))
    compiled = compile_profile(Profile("P", elements=(rule, BASIC)), Project("P", SECRET))
    raw = encode(dataset(GREY, values, PatientName="DOE^JOHN", **changes))
    output = compiled.output(Encoded(raw, 0, len(raw), EXPLICIT_LE), pseudonym="P", now=NOW)
    whole = joined(raw, [*output.segments()])
    return native_pixels(decode(whole)), output.remark


def test_another_program_reads_the_name_before_and_not_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")
    picture, where = imprinted(Imprint("CT", 16, 0.8), 256)
    assert "JOHN" in words(picture)

    after, remark = cleaned(picture[None], "mask")

    assert not any(word in words(after[0]) for word in NAME.split())
    assert not after[0][where].any()
    assert "1 masked" in remark


def test_a_name_in_one_of_fifty_frames_is_found_and_covered_in_all() -> None:
    random = np.random.default_rng(5)
    loop = np.repeat(background("US", 256)[None], 50, 0) * random.uniform(0.8, 1, (50, 1, 1))
    loop = np.rint(np.clip(loop, 0, 1) * 255).astype("u1")
    printed, where = imprinted(Imprint("US", 14, 0.8), 256)
    loop[27][where] = printed[where]

    after, remark = cleaned(loop, "mask")

    assert not after[(slice(None), *where)].any()
    assert "of 4 views of 50 frames" in remark


def test_faint_print_that_stands_for_an_eighth_of_a_loop_is_covered_and_the_record_counts_what_was_looked_at() -> None:
    loop, where = speckle_loop(Imprint("US", 10, 0.3, "in"), slice(31, 38), 256)

    after, remark = cleaned(loop, "mask")

    assert (after[(slice(None), *where)] == 0).mean() >= WHOLE
    assert "of 5 views of 50 frames" in remark


def test_little_is_covered_beside_print_on_speckle_that_never_stands_still() -> None:
    loop, where = speckle_loop(Imprint("US", 14, 0.3, "in", text="DOE 1957"), slice(None), SIZE)

    found = found_text(image_of(dataset(GREY, loop)), Detection("mask", (), is_told=False))

    text, beside = shares(drawn(found.covered, loop[0].shape), where)
    assert text >= WHOLE
    assert beside < LITTLE


def test_only_what_names_the_patient_is_covered_where_text_is_reported() -> None:
    picture, name = imprinted(Imprint("SC", 16, 0.7, "tl"), SIZE)
    other, scale = imprinted(Imprint("SC", 16, 0.7, "br", text="DEPTH 12 CM"), SIZE)
    picture[scale] = other[scale]

    after, remark = cleaned(picture[None], "report")

    assert not after[0][name].any()
    assert (after[0][scale] == picture[scale]).all()
    assert "1 with identifiers" in remark
    assert "JOHN" not in remark


def test_an_instance_with_text_is_held_where_somebody_wants_to_see_it() -> None:
    picture, _ = imprinted(Imprint("SC", 16, 0.7), SIZE)

    with pytest.raises(TextFound, match="look at it"):
        cleaned(picture[None], "hold")


def test_an_image_that_is_said_to_hold_text_and_shows_none_is_held() -> None:
    with pytest.raises(UnusableMask, match="no text was found"):
        cleaned(np.zeros((1, 64, 64), "u1"), "mask", BurnedInAnnotation="YES")
