"""A dataset without its pixels in another native layout: VR mode changed, big endian made little."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from philae.dicom.recode import recode
from philae.dicom.splice import joined
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE

if TYPE_CHECKING:
    from philae.dicom.scan import Encoded
    from philae.dicom.syntax import TransferSyntax

_WORD_SIZES = {"OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8}


def relaid(part: Encoded, syntax: TransferSyntax) -> bytes:
    """The elements in the layout of ``syntax``, which is little endian. Raises `MalformedDataset`."""
    if part.syntax.big_endian:
        return _little_endian(part, syntax)
    target = IMPLICIT_LE if syntax.implicit else EXPLICIT_LE
    return joined(part.source, recode(part, target))


def _little_endian(part: Encoded, syntax: TransferSyntax) -> bytes:
    """By way of pydicom, which leaves the words of binary values to us."""
    raw = bytes(part.source[part.start : part.end])
    dataset = read_dataset(BytesIO(raw), is_implicit_VR=False, is_little_endian=False)
    _swap(dataset)
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = syntax.implicit, True
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def _swap(dataset: Dataset) -> None:
    for element in dataset:
        size = _WORD_SIZES.get(element.VR)
        if element.VR == "SQ":
            for item in element.value:
                _swap(item)
        elif size and isinstance(element.value, bytes) and len(element.value) % size == 0:
            element.value = np.frombuffer(element.value, f">u{size}").byteswap().tobytes()
