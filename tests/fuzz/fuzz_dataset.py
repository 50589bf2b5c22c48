"""Coverage-guided fuzzing of the dataset reader: ``python tests/fuzz/fuzz_dataset.py [corpus] -max_total_time=600``.

The first byte of an input picks the transfer syntax, the rest is an encoded dataset: it is identified, planned with the
Basic Profile and all that cleans, spliced, and read again. Needs ``atheris``, which no other test needs.
"""

import sys
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from philae.deid.engine import compile_profile
from philae.deid.errors import DeidError
from philae.deid.profile import Project
from philae.deid.profile_file import load_profile
from philae.dicom.headers import MalformedDataset
from philae.dicom.identify import identify
from philae.dicom.scan import Encoded, elements
from philae.dicom.splice import Span
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE

SYNTAXES = (EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE, DEFLATED_LE)
PROFILE = """\
name: Fuzzed
version: "1"
profileElements:
  - name: dates
    codename: action.on.dates
    option: shift_range
    arguments: {max_days: "100", max_seconds: "1000"}
    tags: ["(0008,0020)", "(0008,0030)", "(0008,002A)", "(0010,1010)"]
  - name: Basic Profile
    codename: basic.dicom.profile
"""
COMPILED = compile_profile(load_profile(PROFILE), Project("Fuzzing", bytes(range(16))))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def fuzz_one(data: bytes) -> None:
    """One input, as described above: an answer or one of the documented errors, and an output that can be read."""
    if not data:
        return
    syntax, raw = SYNTAXES[data[0] % len(SYNTAXES)], data[1:]
    encoded = Encoded(raw, 0, len(raw), syntax)
    with suppress(MalformedDataset):
        identify(raw, 0, len(raw), syntax, complete=True)
    try:
        _, segments = COMPILED.apply(encoded, pseudonym="P-1", now=NOW)
    except DeidError:
        return
    written = b"".join(raw[each.start : each.end] if isinstance(each, Span) else each for each in segments)
    if not syntax.deflated:
        for _ in elements(Encoded(written, 0, len(written), syntax)):
            continue


def main() -> None:
    atheris = import_module("atheris")  # only here: the rest of the suite must not need it
    atheris.instrument_all()
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
