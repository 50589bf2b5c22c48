"""``philae deid`` over the files that pydicom and pydicom-data ship, judged by pydicom and by dciodvfy."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pydicom
import pytest
from pydicom.misc import is_dicom

from philae.deid.files.deidentify import Outcome, Result, deidentify_file
from tests.support.dciodvfy import error_classes
from tests.support.deidentifying import PROFILE, SECRET, make_job, outputs
from tests.support.listening import instances
from tests.support.peak import peak_bytes_of

PHILAE = str(Path(sys.executable).with_name("philae"))
FOLDERS = tuple(
    Path(spec.origin).parent / "data"
    for spec in map(importlib.util.find_spec, ("pydicom", "data_store"))  # the latter is pydicom-data
    if spec and spec.origin
)
REFUSED = {
    "MR_truncated.dcm": "leads beyond the end",
    "rtplan_truncated.dcm": "leads beyond the end",
    "SC_rgb_jpeg.dcm": "VR is not two capital letters",  # implicit VR, as its file meta denies
}


def shipped() -> list[Path]:
    files = (path for folder in FOLDERS for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if "__pycache__" not in path.parts]


def deidentified(folder: Path) -> list[tuple[Path, Outcome]]:
    job = make_job()
    targets = [(path, folder / f"{number}.dcm") for number, path in enumerate(shipped())]
    return [(target, deidentify_file(job, source, target)) for source, target in targets]


def test_every_readable_file_is_processed_or_refused_with_a_reason(tmp_path: Path) -> None:
    outcomes = [outcome for _, outcome in deidentified(tmp_path)]

    assert sum(outcome.result is Result.WRITTEN for outcome in outcomes) > 200
    for outcome in outcomes:
        path = outcome.source
        if outcome.result is Result.FAILED:
            assert "Patient ID" in outcome.reason or REFUSED[path.name] in outcome.reason
        elif outcome.result is Result.NOT_DICOM:
            assert not is_dicom(path)
        elif outcome.result is Result.REFUSED:
            assert "DICOMDIR" in path.name
        else:
            assert outcome.result is Result.WRITTEN


def test_outputs_are_valid_where_the_sources_are(tmp_path: Path) -> None:
    pairs = [(each.source, target) for target, each in deidentified(tmp_path) if each.result is Result.WRITTEN]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        new = dict(zip([source for source, _ in pairs], pool.map(_new_errors, pairs), strict=True))

    assert {source.name: errors for source, errors in new.items() if errors} == {}


def _new_errors(pair: tuple[Path, Path]) -> frozenset[str]:
    source, target = pair
    found = error_classes(target)
    return found and found - error_classes(source)


def test_pydicom_reads_the_outputs_to_their_ends(tmp_path: Path) -> None:
    written = [(target, each) for target, each in deidentified(tmp_path) if each.result is Result.WRITTEN]

    for target, outcome in written:
        dataset = pydicom.dcmread(target)
        assert dataset.PatientName == "P-1", outcome.source
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID == outcome.sop_instance_uid
        assert dataset.file_meta.TransferSyntaxUID
        assert dataset.get("SeriesInstanceUID", "") == outcome.series_instance_uid


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    (tmp_path / "in").mkdir()
    (tmp_path / "profile.yml").write_text(PROFILE)
    instances(tmp_path / "in", 400, size=64)
    return [
        PHILAE, "deid", str(tmp_path / "in"), str(tmp_path / "out"), "--profile", str(tmp_path / "profile.yml"),
        "--processes", "2", "--pseudonym", "P-1", "--json",
    ]  # fmt: skip


@pytest.mark.parametrize("wait_for", [1, 60, 200])
def test_a_run_killed_at_any_moment_is_finished_by_the_next(tmp_path: Path, command: list[str], wait_for: int) -> None:
    environment = {**os.environ, "PHILAE_SECRET": SECRET}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None and len(list((tmp_path / "out").rglob("*.dcm"))) < wait_for:
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
    published = outputs(tmp_path / "out")
    assert all(raw.endswith(pydicom.dcmread(tmp_path / "out" / name).PixelData) for name, raw in published.items())

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)

    results = json.loads(done.stdout)["results"]
    assert results["written"] + results["done"] + results["present"] == 400
    assert results["done"] >= len(published) - 1
    assert len(outputs(tmp_path / "out")) == 400
    assert outputs(tmp_path / "out").items() >= published.items()


def test_half_a_gigabyte_needs_no_more_memory_than_a_small_file(tmp_path: Path) -> None:
    (tmp_path / "profile.yml").write_text(PROFILE)
    (small,) = instances(tmp_path, 1, size=16)
    large = tmp_path / "large.dcm"
    dataset = pydicom.dcmread(small)
    dataset.Rows, dataset.NumberOfFrames = 16_000, 1_000
    dataset.PixelData = b"\0\0"
    dataset.save_as(large)
    _stretch_pixel_data(large, 500_000_000)

    peaks = [_peak_mb(tmp_path, source) for source in (small, large)]

    assert (tmp_path / "out.dcm").stat().st_size > 500_000_000
    assert peaks[1] - peaks[0] < 50


def _stretch_pixel_data(path: Path, length: int) -> None:
    """Make the last element, Pixel Data of two bytes, ``length`` bytes long: a hole in the file."""
    raw = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(len(raw) - 6)
        file.write(length.to_bytes(4, "little"))
        file.truncate(len(raw) - 2 + length)


def _peak_mb(folder: Path, source: Path) -> float:
    options = ("--profile", folder / "profile.yml", "--secret", SECRET)
    return peak_bytes_of("deid", source, folder / "out.dcm", *options) / (1 << 20)
