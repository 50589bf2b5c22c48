"""The de-identification engines under comparison, a module each, so that a process imports only the one it measures."""

from collections.abc import Callable, Sequence
from importlib import import_module

Pieces = Sequence[bytes | memoryview]
Engine = Callable[[bytes], Pieces]
MODULES = {
    "Philae": "benchmarks.engines.philae_engine",
    "naive pydicom walk": "benchmarks.engines.naive",
    "dicognito": "benchmarks.engines.dicognito_engine",
    "dicom-anonymizer": "benchmarks.engines.dicom_anonymizer",
}


def engine(name: str) -> Engine:
    """Return the engine called ``name``: an encoded Part 10 file in, the de-identified one out, in pieces."""
    deidentify: Engine = import_module(MODULES[name]).deidentify
    return deidentify
