"""Philae's engine with the Basic Profile: read the header, plan, splice; untouched bytes stay views of the input."""

from datetime import UTC, datetime

from benchmarks.engines import Pieces
from benchmarks.peers.philae import PROFILE
from philae.deid.engine import compile_profile, patient_of
from philae.deid.keys import Keys, derived_pseudonym, parse_secret
from philae.deid.profile import Project
from philae.deid.profile_file import load_profile
from philae.dicom.part10 import read_meta, write_meta
from philae.dicom.scan import Encoded
from philae.dicom.splice import splice
from philae.dicom.syntax import transfer_syntax

SECRET = parse_secret("0123456789abcdef0123456789abcdef")
KEYS = Keys(SECRET)
COMPILED = compile_profile(load_profile(PROFILE), Project("Bench", SECRET))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def deidentify(encoded: bytes) -> Pieces:
    """Return the de-identified file in pieces."""
    meta = read_meta(encoded)
    source = memoryview(encoded)
    dataset = Encoded(source, meta.dataset_offset, len(source), transfer_syntax(meta.transfer_syntax_uid))
    subject = patient_of(dataset)
    pseudonym = derived_pseudonym(KEYS, subject.patient_id, subject.issuer)
    plan = COMPILED.plan(dataset, pseudonym=pseudonym, now=NOW)
    head = write_meta(plan.sop_class_uid, plan.sop_instance_uid, meta.transfer_syntax_uid)
    segments = splice(dataset, plan.edits)
    return [head, *(piece if isinstance(piece, bytes) else source[piece.start : piece.end] for piece in segments)]
