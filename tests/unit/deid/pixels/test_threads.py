"""Lanes are threads of one process: codecs work in several at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from philae.deid.pixels.codecs import CODINGS, TARGETS

ROOT = Path(__file__).parents[4]
ENCODE_AT_ONCE = """
import logging, os, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from philae.deid.pixels.codec import Quality
from philae.deid.pixels.codecs import encode
from philae.deid.pixels.frame import Frame

def encoded(number):
    samples = np.random.default_rng(number % 4).integers(0, 256, (64 + number % 4, 48), dtype="u1")
    return encode(Frame(samples, 8, "MONOCHROME2"), sys.argv[1], Quality())

logging.basicConfig(level=logging.INFO, filename=os.devnull)  # a codec that logs gives its turn away
alone = [encoded(number) for number in range(4)]
with ThreadPoolExecutor(4) as threads:
    assert list(threads.map(encoded, range(400))) == alone * 100
"""


@pytest.mark.parametrize("uid", sorted(TARGETS & CODINGS.keys()))
def test_threads_encode_at_once_what_one_encodes_alone(uid: str) -> None:
    """In a process of its own: a codec that cannot do it ends the process."""
    ended = subprocess.run(
        [sys.executable, "-c", ENCODE_AT_ONCE, uid], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert ended.returncode == 0, ended.stderr[-2000:]
