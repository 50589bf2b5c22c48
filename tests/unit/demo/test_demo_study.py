"""The demo study is repeatable, conformant, and full of what must not get out."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import CTImageStorage, SecondaryCaptureImageStorage

from philae.demo import write_study
from philae.demo.identity import invent


def test_same_seed_gives_same_bytes(tmp_path: Path) -> None:
    first = write_study(tmp_path / "first", seed=3)

    second = write_study(tmp_path / "second", seed=3)

    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_other_seed_gives_other_patient_and_study(tmp_path: Path) -> None:
    one, other = (dcmread(write_study(tmp_path / str(seed), seed)[0]) for seed in (1, 2))

    assert one.PatientID != other.PatientID
    assert one.StudyInstanceUID != other.StudyInstanceUID
    assert one.SOPInstanceUID != other.SOPInstanceUID


def test_study_is_one_ct_series_and_one_secondary_capture(tmp_path: Path) -> None:
    datasets = [dcmread(path) for path in write_study(tmp_path)]

    assert [dataset.SOPClassUID for dataset in datasets] == [CTImageStorage] * 8 + [SecondaryCaptureImageStorage]
    assert len({dataset.StudyInstanceUID for dataset in datasets}) == 1
    assert len({dataset.SeriesInstanceUID for dataset in datasets}) == 2
    assert len({dataset.SOPInstanceUID for dataset in datasets}) == 9
    assert [dataset.pixel_array.shape for dataset in datasets] == [(128, 128)] * 8 + [(96, 160, 3)]


def test_slices_carry_nested_sequences_and_private_elements_with_creators(tmp_path: Path) -> None:
    dataset = dcmread(write_study(tmp_path)[0])

    assert dataset.RequestAttributesSequence[0].ScheduledProtocolCodeSequence[0].CodeMeaning
    block = dataset.private_block(0x0011, "PHILAE DEMO WORKLIST")
    assert block[0x10].value[0].PatientName == dataset.PatientName


@pytest.mark.parametrize("seed", range(1, 9))
def test_identifying_values_are_in_the_bytes_of_every_instance(tmp_path: Path, seed: int) -> None:
    identity = invent(seed)
    identifying = (identity.patient_name, identity.patient_id, identity.national_id, identity.address)

    files = write_study(tmp_path, seed)

    assert all(value.encode() in path.read_bytes() for value in identifying for path in files)


def test_instances_conform_to_their_iods(tmp_path: Path) -> None:
    dciodvfy = Path(sys.executable).with_name("dciodvfy")

    reports = [
        subprocess.run([dciodvfy, path], capture_output=True, text=True, check=False).stderr
        for path in write_study(tmp_path)
    ]

    assert [line for report in reports for line in report.splitlines() if line.startswith("Error")] == []
    assert "CTImage" in reports[0]
    assert "SCImage" in reports[-1]
