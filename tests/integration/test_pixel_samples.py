"""Masks on images that real devices and toolkits wrote, judged by pydicom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from philae.deid.pixels.cleaning import clean, transcoded
from philae.deid.pixels.errors import BadPixels
from philae.dicom.headers import MalformedDataset
from philae.dicom.syntax import EXPLICIT_LE
from tests.support.images import as_file, image_from, mask_of
from tests.support.samples import sample

RECTANGLE = (3, 2, 10, 5)
INSIDE = np.s_[..., 2:8, 3:14]
EXACT = [
    "CT_small.dcm",
    "ExplVR_BigEnd.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "SC_rgb_gdcm_KY.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_rle.dcm",
    "SC_rgb_rle_16bit_2frame.dcm",
    "SC_rgb_rle_32bit_2frame.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "693_J2KI.dcm",
    "GDCMJ2K_TextGBR.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "JPEG2000.dcm",
    "JPEGLSNearLossless_08.dcm",
    "JPEGLSNearLossless_16.dcm",
    "examples_jpeg2k.dcm",
    "examples_overlay.dcm",
    "examples_palette.dcm",
    "examples_rgb_color.dcm",
    "image_dfl.dcm",
    "rtdose.dcm",
    "rtdose_rle.dcm",
]
BASELINE = [
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_dcmtk_+eb+cy+n1.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_dcmtk_+eb+cy+s2.dcm",
    "SC_rgb_dcmtk_+eb+cy+s4.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_jpeg_no_color_transform.dcm",
    "examples_ybr_color.dcm",
]


def pixel_array(path: Path) -> np.ndarray:
    """As pydicom decodes it, without conversion of colours."""
    return np.asarray(dcmread(path).pixel_array).astype(np.int64)


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's about samples that bend the standard
@pytest.mark.parametrize("name", EXACT)
def test_a_mask_changes_nothing_but_the_mask(name: str, tmp_path: Path) -> None:
    path = sample(name)
    before = pixel_array(path)

    change = clean(image_from(path), mask_of(RECTANGLE))

    assert change is not None
    after = pixel_array(as_file(change, tmp_path / name))
    channels = change.image.module.samples
    inside = np.s_[..., 2:8, 3:14, :] if channels == 3 else INSIDE
    assert len(np.unique(after[inside].reshape(-1, channels), axis=0)) == 1
    is_halved = "422" in change.image.module.photometric
    before[inside] = after[inside]
    if is_halved:
        before[..., 2:8, 2:15, :] = after[..., 2:8, 2:15, :]
    np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("name", BASELINE)
def test_a_mask_on_lossy_jpeg_hides_and_spares_the_rest(name: str, tmp_path: Path) -> None:
    path = sample(name)
    before = pixel_array(path)

    change = clean(image_from(path), mask_of((0, 0, 63, 15)))

    assert change is not None
    after = pixel_array(as_file(change, tmp_path / name))
    assert np.ptp(after[..., :8, :24, :].reshape(-1, 3), axis=0).max() <= 8
    assert np.percentile(np.abs(after - before)[..., 32:, :, :], 99) <= 3


@pytest.mark.parametrize("name, fault", [("MR_truncated.dcm", MalformedDataset), ("MR_small_padded.dcm", BadPixels)])
def test_samples_that_are_not_what_they_say_are_held(name: str, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        clean(image_from(sample(name)), mask_of((0, 0, 1, 1)))


@pytest.mark.parametrize("name", [*EXACT, *BASELINE])
def test_every_sample_is_decoded(name: str, tmp_path: Path) -> None:
    image = image_from(sample(name))

    found = as_file(transcoded(image, EXPLICIT_LE), tmp_path / name)

    assert pixel_array(found).shape == pixel_array(sample(name)).shape
