"""Makes an engine of a function that changes a pydicom dataset in place."""

import io
from collections.abc import Callable

from pydicom import dcmread
from pydicom.dataset import Dataset

from benchmarks.engines import Engine, Pieces


def over_pydicom(change: Callable[[Dataset], object]) -> Engine:
    """Return an engine that decodes, changes and encodes again."""

    def deidentify(encoded: bytes) -> Pieces:
        dataset = dcmread(io.BytesIO(encoded))
        change(dataset)
        file = io.BytesIO()
        dataset.save_as(file, enforce_file_format=True)
        return [file.getbuffer()]

    return deidentify
