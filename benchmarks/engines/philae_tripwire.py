"""Philae's engine with the Basic Profile, and the leak tripwire over what leaves."""

from benchmarks.engines import Pieces
from benchmarks.engines.philae_engine import COMPILED, Instance
from philae.deid.tripwire import Tripwire

TRIPWIRE = Tripwire(COMPILED)


def deidentify(encoded: bytes) -> Pieces:
    """Return the de-identified file in pieces, once nothing in them identifies the patient."""
    instance = Instance(encoded, COMPILED)
    TRIPWIRE.check(instance.dataset, instance.plan)
    return instance.pieces()
