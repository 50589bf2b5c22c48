"""Philae's engine with the research profile: ten elements, two conditions, an expression."""

from pathlib import Path

from benchmarks.engines import Pieces
from benchmarks.engines.philae_engine import PROJECT, Instance
from philae.deid.engine import compile_profile
from philae.deid.profile_file import load_profile

COMPILED = compile_profile(load_profile(Path(__file__).with_name("research.yml").read_text("utf-8")), PROJECT)


def deidentify(encoded: bytes) -> Pieces:
    """Return the de-identified file in pieces."""
    return Instance(encoded, COMPILED).pieces()
