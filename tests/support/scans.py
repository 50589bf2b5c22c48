"""MR instances of invented patients, each told from every other by its pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pydicom

from benchmarks.workload.images import mr_image
from benchmarks.workload.template import Slots, Template, slots_of, template

LEVELS = {
    "SOPInstanceUID": "sop_instance_uid",
    "SeriesInstanceUID": "series_instance_uid",
    "StudyInstanceUID": "study_instance_uid",
    "PatientID": "patient_id",
}


@dataclass(frozen=True)
class Scan:
    """One instance as it was sent."""

    path: Path
    slots: Slots
    pixels: str

    @property
    def uid(self) -> str:
        return self.slots.sop_instance_uid

    @property
    def series(self) -> str:
        return self.slots.series_instance_uid

    @property
    def identifying(self) -> list[bytes]:
        """What must not come out."""
        return [value.encode() for value in self.slots.values() if value != self.slots.instance_number]


def scans(folder: Path, *, patients: int = 1, series: int = 1, slices: int = 1, size: int = 64) -> list[Scan]:
    """``patients`` x ``series`` x ``slices`` instances with ``size`` x ``size`` pixels, patient by patient."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_scan(folder, number, slices, series * slices, size) for number in range(patients * series * slices)]


def _scan(folder: Path, number: int, per_series: int, per_patient: int, size: int) -> Scan:
    slots = slots_of(folder.name, number, per_series=per_series, per_patient=per_patient)
    model = _model(folder.name, size)
    encoded = model.instance(slots, 2 * number)
    path = folder / f"{number:05d}.dcm"
    path.write_bytes(encoded)
    return Scan(path, slots, _digest(encoded[model.pixels]))


@cache
def _model(kind: str, size: int) -> Template:
    slots = slots_of(kind, 0, per_series=1, per_patient=1)
    return template(mr_image(slots, size), slots)


def _digest(pixels: bytes | bytearray) -> str:
    return hashlib.sha256(pixels).hexdigest()


def arrived(files: Iterable[Path], sent: Sequence[Scan]) -> Iterator[tuple[Scan, pydicom.Dataset]]:
    """What lies in ``files``, without pixels. Every file is read to its end, and looked through for its identity."""
    by_pixels = {scan.pixels: scan for scan in sent}
    for path in files:
        dataset = pydicom.dcmread(path)
        scan = by_pixels.get(_digest(dataset.PixelData))
        assert scan is not None, f"{path} is damaged or was never sent"
        assert_silent([path], scan.identifying)
        del dataset.PixelData
        yield scan, dataset


def assert_deidentified(files: Iterable[Path], sent: Sequence[Scan]) -> None:
    """Everything is there, says that it is de-identified, holds no identity, and its UIDs still belong together."""
    found = set()
    pairs: dict[str, set[tuple[str, str]]] = {keyword: set() for keyword in LEVELS}
    for scan, dataset in arrived(files, sent):
        found.add(scan.uid)
        assert dataset.PatientIdentityRemoved == "YES"
        for keyword, slot in LEVELS.items():
            pairs[keyword].add((getattr(scan.slots, slot), str(dataset[keyword].value)))
    assert found == {scan.uid for scan in sent}
    for keyword, renamed in pairs.items():
        before, after = {old for old, _ in renamed}, {new for _, new in renamed}
        assert len(renamed) == len(before) == len(after), f"{keyword} is not consistent"
        assert not before & after


def assert_silent(files: Iterable[Path], words: Iterable[bytes]) -> None:
    """None of the words occurs in any of the files."""
    looked_for = tuple(words)
    for path in files:
        content = path.read_bytes()
        assert not [word for word in looked_for if word in content], path
