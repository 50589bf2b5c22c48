"""Images of every kind that pixel code has to get right: depths, signs and colours, as datasets and encoded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset

from philae.deid.pixels.change import PixelChange, assembled, flattened
from philae.deid.pixels.module import Image, read_image
from philae.deid.profile import BLACK, Color, Mask, Rectangle
from philae.dicom.part10 import read_meta, write_meta
from philae.dicom.scan import Encoded, inflate
from philae.dicom.splice import joined
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax
from tests.support.datasets import encode, make_dataset, new_uid

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
PALETTE_BLACK = 37


@dataclass(frozen=True)
class Kind:
    """What the samples of an image are like."""

    name: str
    bits: int
    signed: bool = False
    photometric: str = "MONOCHROME2"

    @property
    def samples(self) -> int:
        return 3 if self.photometric in ("RGB", "YBR_FULL") else 1

    @property
    def allocated(self) -> int:
        return 8 if self.bits <= 8 else 16

    @property
    def type(self) -> np.dtype:
        return np.dtype(f"{'i' if self.signed else 'u'}{self.allocated // 8}")


KINDS = (
    Kind("8 bit", 8),
    Kind("12 bit", 12),
    Kind("16 bit", 16),
    Kind("12 bit signed", 12, signed=True),
    Kind("16 bit signed", 16, signed=True),
    Kind("RGB 8", 8, photometric="RGB"),
    Kind("RGB 16", 16, photometric="RGB"),
    Kind("YBR", 8, photometric="YBR_FULL"),
    Kind("palette", 8, photometric="PALETTE COLOR"),
)
GREY, GREY_16, COLOUR, PALETTE = KINDS[0], KINDS[2], KINDS[5], KINDS[8]


@cache
def pixels(kind: Kind, rows: int = 48, columns: int = 62, frames: int = 1) -> np.ndarray:
    """Slopes with a little noise over the whole range: (frames, rows, columns[, 3])."""
    random = np.random.default_rng(rows * columns + frames)
    y, x = np.mgrid[0:rows, 0:columns]
    slopes = [(3 * x + 2 * y + 40 * frame) / (3 * columns + 2 * rows + 40 * frames) for frame in range(frames)]
    planes = [np.stack([slope + 0.01 * random.random((rows, columns)) for slope in slopes])]
    if kind.samples == 3:
        planes += [planes[0][:, ::-1], planes[0][:, :, ::-1]]
    largest = (1 << kind.bits) - 1
    values = np.rint(np.clip(np.stack(planes, -1), 0, 1) * largest) - (1 << kind.bits - 1 if kind.signed else 0)
    values = values[..., 0] if kind.samples == 1 else values
    values.setflags(write=False)
    return values.astype(kind.type)


def dataset(kind: Kind, values: np.ndarray, **changes: Any) -> Dataset:
    """A secondary capture with these pixels, native and little endian."""
    frames, rows, columns = values.shape[:3]
    made = make_dataset(
        new_uid(),
        SOPClassUID=SECONDARY_CAPTURE,
        Modality="OT",
        StationName="STATION",
        SamplesPerPixel=kind.samples,
        PhotometricInterpretation=kind.photometric,
        PlanarConfiguration=0 if kind.samples == 3 else None,
        NumberOfFrames=frames if frames > 1 else None,
        Rows=rows,
        Columns=columns,
        BitsAllocated=kind.allocated,
        BitsStored=kind.bits,
        HighBit=kind.bits - 1,
        PixelRepresentation=int(kind.signed),
    )
    if kind.photometric == "PALETTE COLOR":
        ramp = np.linspace(0, 65535, 256).astype("<u2")
        for name, entries in (("Red", ramp), ("Green", ramp[::-1].copy()), ("Blue", np.roll(ramp, 128))):
            entries[PALETTE_BLACK] = 0
            setattr(made, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
            made[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
            setattr(made, f"{name}PaletteColorLookupTableData", entries.tobytes())
    raw = values.tobytes()
    made.add_new("PixelData", "OW" if kind.allocated > 8 else "OB", raw + bytes(len(raw) % 2))
    for keyword, value in changes.items():
        if value is None:
            del made[keyword]
        else:
            setattr(made, keyword, value)
    return made


def image_of(made: Dataset, transfer_syntax_uid: str = EXPLICIT_LE.uid) -> Image:
    """The dataset as it is when pixel code gets it: encoded, inflated."""
    raw = encode(made, transfer_syntax_uid)
    return image_in(raw, transfer_syntax_uid)


def image_in(raw: bytes, transfer_syntax_uid: str) -> Image:
    image = read_image(inflate(Encoded(raw, 0, len(raw), transfer_syntax(transfer_syntax_uid))))
    assert image is not None
    return image


def image_from(path: Path) -> Image:
    """The image in a file."""
    raw = path.read_bytes()
    meta = read_meta(raw)
    return image_in(raw[meta.dataset_offset :], meta.transfer_syntax_uid)


def written(change: PixelChange) -> bytes:
    """The dataset once the change is made."""
    return joined(change.image.encoded.source, list(flattened(assembled(change))))


def changed_image(change: PixelChange) -> Image:
    return image_in(written(change), change.syntax.uid)


def as_file(change: PixelChange, path: Path) -> Path:
    """The changed instance as a file."""
    meta = write_meta(SECONDARY_CAPTURE, "1.2.3", change.syntax.uid)
    path.write_bytes(meta + written(change))
    return path


def read_back(change: PixelChange) -> Dataset:
    """The changed instance as pydicom reads it."""
    from io import BytesIO

    uid = change.image.value(0x00080018).decode().rstrip("\0")
    found = dcmread(BytesIO(write_meta(SECONDARY_CAPTURE, uid, change.syntax.uid) + written(change)))
    assert isinstance(found.file_meta, FileMetaDataset)
    return found


def native_pixels(found: Dataset) -> np.ndarray:
    """The samples of a native dataset: (frames, rows, columns[, 3])."""
    kind = np.dtype(f"<{'i' if found.PixelRepresentation else 'u'}{found.BitsAllocated // 8}")
    frames, samples = int(found.get("NumberOfFrames", 1)), found.SamplesPerPixel
    shape: tuple[int, ...] = (frames, found.Rows, found.Columns, samples)
    unused = found.BitsAllocated - found.BitsStored  # other programs leave the bits beyond Bits Stored empty
    raw = (np.frombuffer(found.PixelData, kind)[: np.prod(shape)] << unused) >> unused
    if samples == 3 and found.PlanarConfiguration == 1:
        return raw.reshape(frames, samples, found.Rows, found.Columns).transpose(0, 2, 3, 1)
    return raw.reshape(shape if samples > 1 else shape[:3])


def mask_of(*rectangles: tuple[int, int, int, int], color: Color = BLACK) -> Mask:
    return Mask("STATION", color=color, rectangles=tuple(Rectangle(*rectangle) for rectangle in rectangles))
