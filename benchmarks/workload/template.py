"""One encoded instance in which the identifying values can be overwritten in place, which is much faster than encoding."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

UID_SPACE = 10**38


@dataclass(frozen=True, slots=True)
class Slots:
    """The values that differ between instances, each of a fixed width so that they can be overwritten."""

    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str
    frame_of_reference_uid: str
    patient_name: str
    patient_id: str
    accession_number: str
    instance_number: str

    def values(self) -> Iterator[str]:
        """Return the values in a fixed order."""
        return (str(getattr(self, name)) for name in self.__slots__)


def slots_of(kind: str, index: int, *, per_series: int, per_patient: int) -> Slots:
    """Return the values of instance ``index`` of ``kind``; series and patients follow one another."""
    series, patient = index // per_series, index // per_patient
    return Slots(
        sop_instance_uid=uid(kind, "instance", index),
        series_instance_uid=uid(kind, "series", series),
        study_instance_uid=uid(kind, "study", patient),
        frame_of_reference_uid=uid(kind, "frame of reference", series),
        patient_name=f"{kind.upper()[:4]:X<4}BENCH^PATIENT{patient:06d}",
        patient_id=f"{kind.upper()[:4]:X<4}-{patient:07d}",
        accession_number=f"A{kind.upper()[:3]:X<3}{patient:08d}",
        instance_number=f"{index + 1:08d}",
    )


def uid(*what: object) -> str:
    """Return a 2.25 UID of always 44 characters, derived from ``what``."""
    digest = hashlib.sha256("/".join(map(str, what)).encode()).digest()
    return f"2.25.{UID_SPACE + int.from_bytes(digest[:16]) % (9 * UID_SPACE)}"


@dataclass(frozen=True, slots=True)
class Template:
    """Encoded bytes, the places of each slot in them, and where the pixel data lies."""

    encoded: bytes
    places: tuple[tuple[int, ...], ...]
    pixels: slice

    def instance(self, slots: Slots, turn: int = 0) -> bytearray:
        """Return the bytes of one instance; ``turn`` rotates the pixel data by that many bytes."""
        patched = bytearray(self.encoded)
        for places, value in zip(self.places, slots.values(), strict=True):
            raw = value.encode("ascii")
            for place in places:
                patched[place : place + len(raw)] = raw
        if turn:
            pixels = patched[self.pixels]
            patched[self.pixels] = pixels[turn:] + pixels[:turn]
        return patched


def template(dataset: Dataset, slots: Slots, transfer_syntax_uid: str = ExplicitVRLittleEndian) -> Template:
    """Encode ``dataset``, which holds the values of ``slots``, and find them in the bytes."""
    encoded = encode(dataset, transfer_syntax_uid)
    pixels = dataset.get("PixelData")
    start = encoded.rindex(pixels) if pixels and transfer_syntax_uid == ExplicitVRLittleEndian else len(encoded)
    places = tuple(tuple(_occurrences(encoded[:start], value.encode("ascii"))) for value in slots.values())
    return Template(encoded, places, slice(start, start + len(pixels or b"")))


def encode(dataset: Dataset, transfer_syntax_uid: str) -> bytes:
    """Return ``dataset`` as a Part 10 file."""
    set_transfer_syntax(dataset, transfer_syntax_uid)
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def set_transfer_syntax(dataset: Dataset, transfer_syntax_uid: str) -> None:
    """Give ``dataset`` new file meta information that says how it is encoded."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax_uid)


def _occurrences(encoded: bytes, value: bytes) -> Iterator[int]:
    place = encoded.find(value)
    while place >= 0:
        yield place
        place = encoded.find(value, place + len(value))
