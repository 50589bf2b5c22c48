"""Memory does not grow with the number of frames, whatever they are encoded in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from philae.deid.pixels.codec import Quality
from philae.deid.pixels.codecs import encode as encode_frame
from philae.deid.pixels.frame import Frame, pack
from philae.dicom.part10 import write_meta
from philae.dicom.syntax import EXPLICIT_LE
from tests.support.datasets import encode
from tests.support.images import COLOUR, dataset, pixels
from tests.support.peak import peak_bytes_of

FRAMES, ROWS, COLUMNS = 200, 512, 512
FRAME = ROWS * COLUMNS * 3
WHOLE_PROGRAM = 140 << 20
"""Bytes of the process, interpreter and libraries included; the frames of one instance are more than that."""

WITH_THE_DETECTOR = 300 << 20
"""The same with the libraries and models that look for text; see decision 13."""

SYNTAXES = {"native": EXPLICIT_LE.uid, "RLE": "1.2.840.10008.1.2.5", "JPEG-LS": "1.2.840.10008.1.2.4.80"}
PROFILE = """
name: masked
profileElements:
  - {name: clean, codename: clean.pixel.data}
  - {name: basic, codename: basic.dicom.profile}
masks:
  - {stationName: "*", color: "000000", rectangles: ["0 0 511 60", "0 0 90 511"]}
"""


DETECTED = """
name: detected
profileElements:
  - {name: clean, codename: clean.pixel.data, arguments: {detect: true, policy: mask}}
  - {name: basic, codename: basic.dicom.profile}
"""
OPTIONS = ("--secret", "0123456789abcdef0123456789abcdef")


def large(path: Path, syntax_uid: str, frames: int = FRAMES) -> None:
    """A multi-frame ultrasound, written frame by frame."""
    made = dataset(COLOUR, pixels(COLOUR), Rows=ROWS, Columns=COLUMNS, NumberOfFrames=str(frames), PixelData=b"")
    frame = Frame(np.asarray(pixels(COLOUR, ROWS, COLUMNS))[0], 8, "RGB")
    is_native = syntax_uid == EXPLICIT_LE.uid
    raw = pack(frame) if is_native else encode_frame(frame, syntax_uid, Quality()).data
    raw += bytes(len(raw) % 2)
    item = b"" if is_native else b"\xfe\xff\x00\xe0" + len(raw).to_bytes(4, "little")
    with path.open("wb") as file:
        file.write(write_meta(made.SOPClassUID, made.SOPInstanceUID, syntax_uid))
        file.write(encode(made)[:-4])
        file.write(
            (frames * FRAME).to_bytes(4, "little") if is_native else b"\xff" * 4 + b"\xfe\xff\x00\xe0" + bytes(4)
        )
        for _ in range(frames):
            file.write(item + raw)
        file.write(b"" if is_native else b"\xfe\xff\xdd\xe0" + bytes(4))


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_large_multi_frame_is_masked_in_little_memory(syntax: str, tmp_path: Path) -> None:
    source, target, profile = tmp_path / "large.dcm", tmp_path / "masked.dcm", tmp_path / "profile.yml"
    large(source, SYNTAXES[syntax])
    profile.write_text(PROFILE)

    peak = peak_bytes_of("deid", source, target, "--profile", profile, *OPTIONS)

    assert target.exists()
    assert peak < WHOLE_PROGRAM < FRAMES * FRAME


def test_looking_for_text_takes_no_more_memory_for_many_frames(tmp_path: Path) -> None:
    profile = tmp_path / "profile.yml"
    profile.write_text(DETECTED)

    peaks = []
    for frames in (1, FRAMES):
        source, target = tmp_path / f"{frames}.dcm", tmp_path / f"{frames} masked.dcm"
        large(source, EXPLICIT_LE.uid, frames)
        peaks.append(peak_bytes_of("deid", source, target, "--profile", profile, *OPTIONS))

    one, many = peaks
    assert many < WITH_THE_DETECTOR
    assert many - one < 3 * FRAME + (100 << 20)
