"""Every transfer syntax with every kind of image, checked by programs that share no code with ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from philae.deid.pixels.cleaning import clean, transcoded
from philae.deid.pixels.codecs import CODINGS, NATIVE_TARGETS, TARGETS, refusal
from philae.deid.pixels.errors import UnsupportedPixels
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax
from tests.support.images import (
    KINDS,
    PALETTE_BLACK,
    Kind,
    as_file,
    changed_image,
    dataset,
    image_from,
    image_of,
    mask_of,
    native_pixels,
    pixels,
    read_back,
)

SHORT = "1.2.840.10008.1.2"
LOSSLESS = [uid for uid in sorted(TARGETS) if uid in NATIVE_TARGETS or CODINGS[uid].lossy is None]
LOSSY = sorted(TARGETS - set(LOSSLESS))
DECODERS = {
    **dict.fromkeys((f"{SHORT}", f"{SHORT}.1", f"{SHORT}.1.99"), ("/usr/bin/dcmconv", "+te")),
    f"{SHORT}.5": ("/usr/bin/dcmdrle",),
    **dict.fromkeys((f"{SHORT}.4.{number}" for number in (50, 51, 57, 70)), ("/usr/bin/dcmdjpeg",)),
    **dict.fromkeys((f"{SHORT}.4.80", f"{SHORT}.4.81"), ("/usr/bin/dcmdjpls",)),
    **dict.fromkeys((f"{SHORT}.4.90", f"{SHORT}.4.91"), ("/usr/bin/gdcmconv", "--raw")),
}
ENCODERS = {
    f"{SHORT}.5": ["/usr/bin/dcmcrle"],
    f"{SHORT}.4.57": ["/usr/bin/dcmcjpeg", "+el", "+sv", "6"],
    f"{SHORT}.4.70": ["/usr/bin/dcmcjpeg", "+e1"],
    f"{SHORT}.4.80": ["/usr/bin/dcmcjpls"],
    f"{SHORT}.4.90": ["/usr/bin/gdcmconv", "--j2k"],
}
RECTANGLE = (11, 7, 20, 12)
LOSSY_ENCODERS = {
    f"{SHORT}.4.50": ["/usr/bin/dcmcjpeg", "+eb"],
    f"{SHORT}.4.51": ["/usr/bin/dcmcjpeg", "+ee"],
    f"{SHORT}.4.81": ["/usr/bin/dcmcjpls", "+en", "+md", "3"],
}
INSIDE = np.s_[:, 7:20, 11:32]
OUTSIDE = np.ones((48, 62), bool)
OUTSIDE[7:20, 11:32] = False
TOLERANCE = {f"{SHORT}.4.50": 0.03, f"{SHORT}.4.51": 0.03, f"{SHORT}.4.81": 0.01, f"{SHORT}.4.91": 0.02}

Table = dict[tuple[str, str], dict[str, int]]

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def syntaxes(uids: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("uid", uids, ids=lambda uid: uid.removeprefix(SHORT) or "implicit")


def accepts(uid: str, kind: Kind) -> bool:
    return not refusal(kind.bits, kind.photometric, uid, is_signed=kind.signed)


@pytest.fixture(scope="module", autouse=True)
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """What the tests found, printed behind them: largest difference when encoded (E), decoded (D) and masked (M)."""
    found: Table = {}
    yield found
    lines = ["", f"{'':9}" + "".join(f"{kind.name:>16}" for kind in KINDS)]
    for uid in sorted({uid for uid, _ in found}, key=lambda uid: [int(part) for part in uid.split(".")]):
        cells = (
            " ".join(f"{name}{error}" for name, error in found.get((uid, kind.name), {}).items()) for kind in KINDS
        )
        lines.append(f"{uid.removeprefix(SHORT) or 'implicit':9}" + "".join(f"{cell or '-':>16}" for cell in cells))
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        sys.stdout.write("\n".join(lines) + "\n")


lossy_pairs = pytest.mark.parametrize(
    "uid, kind", [(uid, kind) for uid in LOSSY for kind in KINDS if accepts(uid, kind)]
)


def run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr


def largest_difference(found: np.ndarray, wanted: np.ndarray) -> int:
    return int(np.abs(found.astype(int) - wanted).max())


def independently_decoded(path: Path, uid: str, kind: Kind) -> np.ndarray:
    """What another decoder makes of the file. HTJ2K is encoded by OpenJPH and decoded by OpenJPEG, so by ours."""
    if uid not in DECODERS:
        return native_pixels(read_back(transcoded(image_from(path), EXPLICIT_LE)))
    out = path.with_suffix(".raw.dcm")
    as_it_is = ["+cn"] if kind.photometric == "YBR_FULL" and "dcmdjpeg" in DECODERS[uid][0] else []
    run(*DECODERS[uid], *as_it_is, path, out)
    return native_pixels(dcmread(out))


@kinds
@syntaxes(LOSSLESS)
def test_lossless_encoding_is_exact_for_other_decoders(kind: Kind, uid: str, tmp_path: Path, table: Table) -> None:
    image = image_of(dataset(kind, pixels(kind)))

    path = as_file(transcoded(image, transfer_syntax(uid)), tmp_path / "encoded.dcm")

    found = independently_decoded(path, uid, kind)
    table.setdefault((uid, kind.name), {})["E"] = largest_difference(found, pixels(kind))
    np.testing.assert_array_equal(found, pixels(kind))


@pytest.mark.parametrize("uid, kind", [(uid, kind) for uid in LOSSY for kind in KINDS if not accepts(uid, kind)])
def test_what_a_lossy_syntax_does_not_hold_is_refused(uid: str, kind: Kind) -> None:
    image = image_of(dataset(kind, pixels(kind)))

    with pytest.raises(UnsupportedPixels, match="choose another transfer syntax"):
        transcoded(image, transfer_syntax(uid))


@lossy_pairs
def test_lossy_encoding_is_close_for_other_decoders(uid: str, kind: Kind, tmp_path: Path, table: Table) -> None:
    image = image_of(dataset(kind, pixels(kind)))

    path = as_file(transcoded(image, transfer_syntax(uid)), tmp_path / "encoded.dcm")

    error = largest_difference(independently_decoded(path, uid, kind), pixels(kind))
    table.setdefault((uid, kind.name), {})["E"] = error
    assert 0 < error <= TOLERANCE[uid] * (1 << kind.bits)


@kinds
@syntaxes(sorted(ENCODERS))
def test_what_other_encoders_wrote_is_decoded_exactly(kind: Kind, uid: str, tmp_path: Path, table: Table) -> None:
    original, path = tmp_path / "original.dcm", tmp_path / "encoded.dcm"
    as_file(transcoded(image_of(dataset(kind, pixels(kind))), EXPLICIT_LE), original)
    run(*ENCODERS[uid], original, path)

    change = transcoded(image_from(path), EXPLICIT_LE)

    found = native_pixels(read_back(change))
    table.setdefault((uid, kind.name), {})["D"] = largest_difference(found, pixels(kind))
    np.testing.assert_array_equal(found, pixels(kind))


@pytest.mark.parametrize(
    "uid, kind", [(uid, kind) for uid in LOSSY_ENCODERS for kind in KINDS if accepts(uid, kind) and kind.name != "YBR"]
)
def test_what_other_encoders_lost_is_decoded_as_their_decoders_do(
    uid: str, kind: Kind, tmp_path: Path, table: Table
) -> None:
    original, path = tmp_path / "original.dcm", tmp_path / "encoded.dcm"
    as_file(transcoded(image_of(dataset(kind, pixels(kind))), EXPLICIT_LE), original)
    run(*LOSSY_ENCODERS[uid], original, path)

    found = native_pixels(read_back(transcoded(image_from(path), EXPLICIT_LE)))

    error = largest_difference(found, independently_decoded(path, uid, kind))
    table.setdefault((uid, kind.name), {})["D"] = error
    assert error <= 2
    assert dcmread(path).file_meta.TransferSyntaxUID == uid


@kinds
@syntaxes(LOSSLESS)
def test_a_mask_is_black_inside_and_nothing_changes_outside(kind: Kind, uid: str, tmp_path: Path, table: Table) -> None:
    image = changed_image(transcoded(image_of(dataset(kind, pixels(kind))), transfer_syntax(uid)))

    change = clean(image, mask_of(RECTANGLE))

    assert change is not None
    found = independently_decoded(as_file(change, tmp_path / "masked.dcm"), change.syntax.uid, kind)
    table.setdefault((uid, kind.name), {})["M"] = largest_difference(found[:, OUTSIDE], pixels(kind)[:, OUTSIDE])
    np.testing.assert_array_equal(found[:, OUTSIDE], pixels(kind)[:, OUTSIDE])
    assert {tuple(np.atleast_1d(pixel)) for pixel in found[INSIDE].reshape(-1, *found.shape[3:])} == {black_of(kind)}


@lossy_pairs
def test_a_mask_on_a_lossy_image_costs_next_to_nothing_outside(
    uid: str, kind: Kind, tmp_path: Path, table: Table
) -> None:
    came = transcoded(image_of(dataset(kind, pixels(kind))), transfer_syntax(uid))
    before = independently_decoded(as_file(came, tmp_path / "came.dcm"), uid, kind)

    change = clean(changed_image(came), mask_of(RECTANGLE))

    assert change is not None
    found = independently_decoded(as_file(change, tmp_path / "masked.dcm"), uid, kind)
    if CODINGS[uid].again is None:
        np.testing.assert_array_equal(found[:, OUTSIDE], before[:, OUTSIDE])
    far = OUTSIDE.copy()
    far[:24, :40] = False
    error = largest_difference(found[:, far], before[:, far])
    table.setdefault((uid, kind.name), {})["M"] = error
    assert error <= 0.02 * (1 << kind.bits)
    assert np.abs(found[:, 9:18, 17:30].astype(int) - black_of(kind)).max() <= TOLERANCE[uid] * 3 * (1 << kind.bits)


def black_of(kind: Kind) -> tuple[int, ...]:
    if kind.photometric == "PALETTE COLOR":
        return (PALETTE_BLACK,)
    if kind.photometric == "YBR_FULL":
        return (0, 128, 128)
    return (-(1 << kind.bits - 1) if kind.signed else 0,) * kind.samples
