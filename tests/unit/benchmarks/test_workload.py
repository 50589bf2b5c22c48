"""The benchmark workloads are repeatable and have the shape that the figures assume."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless

from benchmarks.workload import Workload, ct, jpeg2000, multiframe, small

Make = Callable[[Path, int], Workload]


def _elements(dataset: Dataset) -> int:
    return sum(1 + sum(map(_elements, element.value if element.VR == "SQ" else ())) for element in dataset)


def _bytes(workload: Workload) -> list[bytes]:
    return [path.read_bytes() for path in workload.files]


@pytest.mark.parametrize("make", [ct, small, jpeg2000])
def test_same_arguments_give_same_bytes(tmp_path: Path, make: Make) -> None:
    first = make(tmp_path / "first", 10)

    second = make(tmp_path / "second", 10)

    assert _bytes(first) == _bytes(second)


@pytest.mark.parametrize("make", [ct, small, jpeg2000])
def test_every_instance_has_its_own_uid_in_dataset_and_file_meta(tmp_path: Path, make: Make) -> None:
    datasets = [dcmread(path) for path in make(tmp_path, 30).files]

    assert len({dataset.SOPInstanceUID for dataset in datasets}) == 30
    assert all(dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID for dataset in datasets)
    assert len({dataset.SeriesInstanceUID for dataset in datasets}) == 2


def test_instances_belong_to_several_patients(tmp_path: Path) -> None:
    datasets = [dcmread(path) for path in small(tmp_path, 120).files]

    assert len({dataset.PatientID for dataset in datasets}) == 2
    assert len({dataset.StudyInstanceUID for dataset in datasets}) == 2
    assert [int(dataset.InstanceNumber) for dataset in datasets] == list(range(1, 121))


def test_ct_slice_has_the_size_and_elements_of_a_real_one(tmp_path: Path) -> None:
    workload = ct(tmp_path, 1)

    dataset = dcmread(workload.files[0])

    assert 0.53e6 < workload.bytes < 0.54e6
    assert (len(dataset), _elements(dataset)) == (147, 180)
    creators = [element for element in dataset if element.tag.is_private_creator]
    assert len(creators) == 3
    assert max(len(element.value) for element in dataset if element.tag.is_private and element.VR == "OB") == 6 * 1024


def test_small_instances_are_reports_mr_and_rgb(tmp_path: Path) -> None:
    files = small(tmp_path, 60).files

    datasets = [dcmread(path) for path in files]

    modalities = [dataset.Modality for dataset in datasets]
    assert (modalities.count("SR"), modalities.count("MR"), modalities.count("US")) == (24, 24, 12)
    assert all(9_000 <= path.stat().st_size <= 42_000 for path in files)
    reports = [_elements(dataset) for dataset in datasets if dataset.Modality == "SR"]
    assert 380 <= min(reports) <= 420
    assert 800 <= max(reports) <= 870


def test_jpeg2000_instances_decode_to_the_ct_pixels(tmp_path: Path) -> None:
    compressed = dcmread(jpeg2000(tmp_path, 1).files[0])

    plain = dcmread(ct(tmp_path, 1).files[0])

    assert compressed.file_meta.TransferSyntaxUID == JPEG2000Lossless
    assert (compressed.pixel_array == plain.pixel_array).all()


def test_multiframe_object_has_functional_groups_for_each_frame(tmp_path: Path) -> None:
    workload = multiframe(tmp_path, 3)

    dataset = dcmread(workload.files[0])

    assert dataset.pixel_array.shape == (3, 512, 512)
    assert len(dataset.PerFrameFunctionalGroupsSequence) == 3


def test_senders_get_shares_that_make_up_the_whole(tmp_path: Path) -> None:
    workload = ct(tmp_path, 5)

    shares = workload.shares(4)

    assert sorted(path for share in shares for path in share) == list(workload.files)
    assert [len(share) for share in shares] == [2, 1, 1, 1]
