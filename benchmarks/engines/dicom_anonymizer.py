"""dicom-anonymizer with its own rules."""

from dicomanonymizer import anonymize_dataset
from pydicom.dataset import Dataset

from benchmarks.engines.over_pydicom import over_pydicom


def _change(dataset: Dataset) -> None:
    anonymize_dataset(dataset)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


deidentify = over_pydicom(_change)
