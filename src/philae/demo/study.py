"""Writes the demo study to disk as encoded Part 10 files."""

from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from philae.demo.capture import secondary_capture
from philae.demo.ct import SLICES, ct_slice
from philae.demo.identity import invent


def write_study(folder: Path, seed: int = 1) -> list[Path]:
    """Write a CT series and a secondary capture below ``folder`` and return their paths in the order to send.

    The same seed gives the same files; another seed gives another patient.
    """
    identity = invent(seed)
    instances = {f"CT/{number:04d}.dcm": ct_slice(identity, number) for number in range(1, SLICES + 1)}
    instances["SC/0001.dcm"] = secondary_capture(identity)
    return [_write(folder / name, dataset) for name, dataset in instances.items()]


def _write(path: Path, dataset: Dataset) -> Path:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path
