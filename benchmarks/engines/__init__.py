"""The de-identification engines under comparison, a module each, so that a process imports only the one it measures."""

from collections.abc import Callable, Sequence
from importlib import import_module

Pieces = Sequence[bytes | memoryview]
Engine = Callable[[bytes], Pieces]
MODULES = {
    "Philae": "benchmarks.engines.philae_engine",
    "Philae, tripwire": "benchmarks.engines.philae_tripwire",
    "naive pydicom walk": "benchmarks.engines.naive",
    "dicognito": "benchmarks.engines.dicognito_engine",
    "dicom-anonymizer": "benchmarks.engines.dicom_anonymizer",
}
RESEARCH = {
    "Philae": "benchmarks.engines.philae_research",
    "naive pydicom walk": "benchmarks.engines.naive_research",
}
"""Engines with the profile of ``research.yml``."""


def engine(module: str) -> Engine:
    """Return the engine of a module: an encoded Part 10 file in, the de-identified one out, in pieces."""
    deidentify: Engine = import_module(module).deidentify
    return deidentify
