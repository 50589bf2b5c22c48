"""Small datasets of one invented patient, well-formed and otherwise, as they travel in a C-STORE."""

from __future__ import annotations

import zlib
from itertools import count
from typing import Any

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from philae.dicom.part10 import write_meta
from philae.dicom.syntax import transfer_syntax

CT = "1.2.840.10008.5.1.4.1.1.2"
_numbers = count(1)


def new_uid() -> str:
    return f"1.2.826.0.1.3680043.10.99.{next(_numbers)}"


def make_dataset(uid: str, **changes: Any) -> Dataset:
    """A CT image of 16 x 16 pixels; a change to None leaves the attribute out."""
    dataset = Dataset()
    attributes: dict[str, Any] = {
        "SOPClassUID": CT,
        "SOPInstanceUID": uid,
        "StudyDate": "20240314",
        "Modality": "CT",
        "ReferringPhysicianName": "Referrer^Rita",
        "PatientName": "Muster^Max",
        "PatientID": "HOSP-4711",
        "StudyInstanceUID": "1.2.826.0.1.3680043.10.99.1.1",
        "SeriesInstanceUID": "1.2.826.0.1.3680043.10.99.1.2",
        "InstanceNumber": "1",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 16,
        "Columns": 16,
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        **changes,
    }
    for keyword, value in attributes.items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.add_new("PixelData", "OW", bytes(range(256)) * 2)
    return dataset


def encode(dataset: Dataset, transfer_syntax_uid: str = "1.2.840.10008.1.2.1") -> bytes:
    """The dataset without preamble and file meta; deflated when the transfer syntax says so."""
    syntax = transfer_syntax(transfer_syntax_uid)
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = syntax.implicit, not syntax.big_endian
    write_dataset(buffer, dataset)
    return _deflate(buffer.getvalue()) if syntax.deflated else buffer.getvalue()


def part10(dataset: Dataset, transfer_syntax_uid: str = "1.2.840.10008.1.2.1") -> bytes:
    """The content of a DICOM file that holds the dataset."""
    meta = write_meta(dataset.SOPClassUID, dataset.SOPInstanceUID, transfer_syntax_uid)
    return meta + encode(dataset, transfer_syntax_uid)


def _deflate(encoded: bytes) -> bytes:
    """RFC 1951, of even length (PS3.5 A.5)."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = compressor.compress(encoded) + compressor.flush()
    return deflated + bytes(len(deflated) & 1)


def nested(depth: int, value: str) -> Sequence:
    """A sequence in a sequence in a sequence ...; the innermost item names a patient."""
    item = Dataset()
    item.PatientName = value
    for _ in range(depth):
        outer = Dataset()
        outer.ContentSequence = Sequence([item])
        item = outer
    return item.ContentSequence
