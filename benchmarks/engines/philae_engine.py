"""Philae's engine with the Basic Profile: read the header, plan, splice; untouched bytes stay views of the input."""

from datetime import UTC, datetime

from benchmarks.engines import Pieces
from benchmarks.peers.philae import PROFILE
from philae.deid.engine import CompiledProfile, compile_profile, patient_of
from philae.deid.keys import Keys, derived_pseudonym, parse_secret
from philae.deid.profile import Project
from philae.deid.profile_file import load_profile
from philae.dicom.part10 import read_meta, write_meta
from philae.dicom.scan import Encoded
from philae.dicom.splice import splice
from philae.dicom.syntax import transfer_syntax

PROJECT = Project("Bench", parse_secret("0123456789abcdef0123456789abcdef"))
KEYS = Keys(PROJECT.secret)
COMPILED = compile_profile(load_profile(PROFILE), PROJECT)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Instance:
    """One encoded file and what ``compiled`` makes of it."""

    def __init__(self, encoded: bytes, compiled: CompiledProfile) -> None:
        meta = read_meta(encoded)
        syntax = transfer_syntax(meta.transfer_syntax_uid)
        self._source = memoryview(encoded)
        self.dataset = Encoded(self._source, meta.dataset_offset, len(encoded), syntax)
        subject = patient_of(self.dataset)
        pseudonym = derived_pseudonym(KEYS, subject.patient_id, subject.issuer)
        self.plan = compiled.plan(self.dataset, pseudonym=pseudonym, now=NOW)

    def pieces(self) -> Pieces:
        """Return the de-identified file in pieces."""
        source, plan = self._source, self.plan
        head = write_meta(plan.sop_class_uid, plan.sop_instance_uid, self.dataset.syntax.uid)
        segments = splice(self.dataset, plan.edits)
        return [head, *(piece if isinstance(piece, bytes) else source[piece.start : piece.end] for piece in segments)]


def deidentify(encoded: bytes) -> Pieces:
    """Return the de-identified file in pieces."""
    return Instance(encoded, COMPILED).pieces()
