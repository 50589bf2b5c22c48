"""The workloads as files in a folder, made once and found again."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless

from benchmarks.workload.enhanced import write_enhanced_ct
from benchmarks.workload.images import ct_image, mr_image, rgb_image
from benchmarks.workload.reports import report
from benchmarks.workload.template import Slots, Template, set_transfer_syntax, slots_of, template

PER_SERIES = 25
PER_PATIENT = 100
REPORT_ELEMENTS = (400, 490, 580, 670, 760, 850)
MR_SIZES = (64, 96, 112, 128)
RGB_SIZES = ((64, 64), (80, 96), (100, 120))
GENERATOR = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Workload:
    """Files to send, in order."""

    name: str
    files: tuple[Path, ...]

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(path.stat().st_size for path in self.files)

    def first(self, count: int) -> "Workload":
        """Return the same with its first ``count`` files only."""
        return Workload(self.name, self.files[:count])

    def shares(self, count: int) -> list[tuple[Path, ...]]:
        """Return the files dealt to ``count`` senders."""
        return [self.files[start::count] for start in range(count)]


def ct(folder: Path, count: int) -> Workload:
    """CT slices of 0.53 MB."""
    return _workload(folder, "ct", count, lambda index: _ct().instance(_slots("ct", index), _turn(index)))


def small(folder: Path, count: int) -> Workload:
    """Instances of 9-42 KB: 40 % structured reports, 40 % MR, 20 % RGB."""
    return _workload(folder, "small", count, lambda index: _small(index).instance(_slots("small", index)))


def jpeg2000(folder: Path, count: int) -> Workload:
    """The CT slices with lossless JPEG 2000 pixel data."""
    return _workload(folder, "jpeg2000", count, lambda index: _jpeg2000().instance(_slots("jpeg2000", index)))


def multiframe(folder: Path, frames: int) -> Workload:
    """One Enhanced CT of ``frames`` times 0.52 MB."""
    path = folder / f"multiframe-{GENERATOR}" / f"{frames}.dcm"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        write_enhanced_ct(unfinished, _slots("multiframe", frames), frames)
        unfinished.rename(path)
    return Workload("multiframe", (path,))


def _workload(folder: Path, name: str, count: int, encoded: Callable[[int], bytearray]) -> Workload:
    home = folder / f"{name}-{GENERATOR}"
    home.mkdir(parents=True, exist_ok=True)
    files = tuple(home / f"{index:06d}.dcm" for index in range(count))
    for index, path in enumerate(files):
        if not path.exists():
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(encoded(index))
            unfinished.rename(path)
    return Workload(name, files)


def _slots(kind: str, index: int) -> Slots:
    return slots_of(kind, index, per_series=PER_SERIES, per_patient=PER_PATIENT)


def _turn(index: int) -> int:
    return 2 * (index * 977 % 200_000)


@cache
def _ct() -> Template:
    slots = _slots("ct", 0)
    return template(ct_image(slots), slots)


@cache
def _jpeg2000() -> Template:
    slots = _slots("jpeg2000", 0)
    dataset = ct_image(slots)
    set_transfer_syntax(dataset, ExplicitVRLittleEndian)
    dataset.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg", generate_instance_uid=False)
    return template(dataset, slots, JPEG2000Lossless)


def _small(index: int) -> Template:
    kind, variant = index % 5, index // 5
    if kind < 2:
        return _report(REPORT_ELEMENTS[(2 * variant + kind) % len(REPORT_ELEMENTS)])
    if kind < 4:
        return _mr(MR_SIZES[(2 * variant + kind) % len(MR_SIZES)])
    return _rgb(*RGB_SIZES[variant % len(RGB_SIZES)])


@cache
def _report(elements: int) -> Template:
    slots = _slots("small", 0)
    return template(report(slots, elements), slots)


@cache
def _mr(size: int) -> Template:
    slots = _slots("small", 0)
    return template(mr_image(slots, size), slots)


@cache
def _rgb(rows: int, columns: int) -> Template:
    slots = _slots("small", 0)
    return template(rgb_image(slots, rows, columns), slots)
