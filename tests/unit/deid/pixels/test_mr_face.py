"""Faces taken out of MR series of heads."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from pydicom.dataset import Dataset

from philae.deid.pixels import registration
from philae.deid.pixels.codec import AS_IT_CAME
from philae.deid.pixels.errors import MissingCodec, UnhiddenFace
from philae.deid.pixels.face_figures import total
from philae.deid.pixels.face_place import Skipped
from philae.deid.pixels.face_survey import NO_FRONTS, Fronts
from philae.deid.pixels.fulfil import fulfilled
from philae.deid.pixels.mr_face import FaceZone
from philae.deid.pixels.order import PixelOrder
from philae.dicom.syntax import EXPLICIT_LE
from tests.support.images import image_of, native_pixels, read_back
from tests.support.mr_heads import BRAIN, NOSE, PLANES, grid, head, inside, series, surveyed

DEFACE = PixelOrder(defaces=True)


@cache
def made_in(plane: str) -> list[Dataset]:
    return series(head(), plane)


@cache
def fronts_in(plane: str) -> Fronts:
    return surveyed(made_in(plane))


def defaced(made: Dataset, fronts: Fronts, order: PixelOrder = DEFACE) -> tuple[np.ndarray, str]:
    """The slice that comes of an instance, and the record."""
    image = image_of(made)
    change = fulfilled(image.encoded, (), order, EXPLICIT_LE, AS_IT_CAME, fronts)
    assert change is not None
    return (native_pixels(made)[0] if change.content is None else native_pixels(read_back(change))[0]), change.remark


def head_after(plane: str) -> np.ndarray:
    """The volume (left, back, top) that comes of the series."""
    stack = np.stack([defaced(each, fronts_in(plane))[0] for each in made_in(plane)])
    rows = slice(None, None, -1) if plane != "axial" else slice(None)
    return stack[:, rows].transpose(np.argsort(PLANES[plane]))


@pytest.mark.parametrize("plane", PLANES)
def test_the_nose_goes_and_the_brain_stays_however_the_slices_lie(plane: str) -> None:
    after = head_after(plane)

    points = grid()
    is_nose = inside(NOSE, points) & ~inside(BRAIN, points)
    assert (after[is_nose] < 40).mean() > 0.95
    assert (after != head())[inside(BRAIN, points)].mean() < 0.005
    assert (after != head()).any()


def test_the_record_tells_how_much_of_the_face_went() -> None:
    zones = [zone for zone in fronts_in("sagittal").values() if isinstance(zone, FaceZone)]

    figures = total(zone.figures for zone in zones)

    assert figures.moved > 0.7 * figures.points > 300
    assert figures.millimetres > 10 * figures.points
    assert figures.touched < 0.005 * figures.behind
    assert defaced(made_in("sagittal")[31], fronts_in("sagittal"))[1].startswith("defaced: ")


def test_the_same_series_gives_the_same_bytes_in_any_order() -> None:
    again = surveyed(made_in("axial")[::-1])

    for each in made_in("axial")[10:20]:
        np.testing.assert_array_equal(defaced(each, again)[0], defaced(each, fronts_in("axial"))[0])


def no_head(kind: str) -> np.ndarray:
    """What is scanned besides T1-weighted heads."""
    points = grid()
    if kind == "T2-weighted head":
        return np.where(head() > 45, 380 - head(), head()).astype("i2")
    trunk = (115, 85, 400)
    return np.where(((points / trunk) ** 2).sum(-1) < 1, 150, 5).astype("i2")


@pytest.mark.parametrize("kind", ["T2-weighted head", "trunk"])
def test_what_is_no_t1_weighted_head_stays_and_the_record_says_so(kind: str) -> None:
    made = series(no_head(kind))

    fronts = surveyed(made)

    assert set(fronts.values()) == {Skipped("its series does not look like a T1-weighted head")}
    pixels, remark = defaced(made[30], fronts)
    assert (pixels == native_pixels(made[30])[0]).all()
    assert remark == "not defaced, since its series does not look like a T1-weighted head"


def test_a_slice_by_itself_stays_or_is_held_where_the_profile_wants_it() -> None:
    made = made_in("axial")[20]

    assert "its series is not at hand" in defaced(made, NO_FRONTS)[1]
    with pytest.raises(UnhiddenFace, match="its series is not at hand"):
        defaced(made, NO_FRONTS, replace(DEFACE, holds_mr=True))
    assert defaced(made, fronts_in("axial"), replace(DEFACE, holds_mr=True))[1].startswith("defaced: ")


def test_a_slice_above_the_face_stays_and_the_record_says_so() -> None:
    crown = made_in("axial")[55]

    pixels, remark = defaced(crown, fronts_in("axial"), replace(DEFACE, holds_mr=True))

    assert (pixels == native_pixels(crown)[0]).all()
    assert remark == "not defaced, since the face is in other slices of its series"


def test_without_the_extra_the_record_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingCodec("SimpleITK", "mr")

    monkeypatch.setattr(registration, "itk", missing)

    fronts = surveyed(series(head()))

    assert set(fronts.values()) == {Skipped("SimpleITK is not installed; pip install philae[mr]")}
