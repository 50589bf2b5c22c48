"""Memory does not grow with the number of frames."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.datasets import encode
from tests.support.images import COLOUR, dataset, pixels

FRAMES, ROWS, COLUMNS = 200, 512, 512
FRAME = ROWS * COLUMNS * 3
ALLOWED = 3 * FRAME + (100 << 20)

SCRIPT = """
import mmap, os, resource, sys
from philae.deid.pixels.change import assembled, flattened, length
from philae.deid.pixels.cleaning import clean
from philae.deid.pixels.module import read_image
from philae.deid.profile import Mask, Rectangle
from philae.dicom.scan import Encoded
from philae.dicom.splice import Span
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10

before = peak()
source = os.open(sys.argv[1], os.O_RDONLY)
mapped = mmap.mmap(source, 0, prot=mmap.PROT_READ)
image = read_image(Encoded(mapped, 0, len(mapped), EXPLICIT_LE))
target = transfer_syntax(sys.argv[2])
change = clean(image, Mask("*", rectangles=(Rectangle(0, 0, 511, 60), Rectangle(0, 0, 90, 511))), target=target)
pieces = assembled(change)
sent = sum(
    len(os.pread(source, min(1 << 20, segment.end - at), at))
    for segment in flattened(pieces)
    if isinstance(segment, Span)
    for at in range(segment.start, segment.end, 1 << 20)
)
sent += sum(len(segment) for segment in flattened(pieces) if isinstance(segment, bytes))
assert sent == length(pieces)
print(peak() - before)
"""


@pytest.mark.parametrize("target", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5"], ids=["native", "RLE"])
def test_a_large_multi_frame_is_masked_in_little_memory(target: str, tmp_path: Path) -> None:
    made = dataset(COLOUR, pixels(COLOUR), Rows=ROWS, Columns=COLUMNS, NumberOfFrames=str(FRAMES), PixelData=b"")
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(encode(made)[:-4] + (FRAMES * FRAME).to_bytes(4, "little"))
        file.truncate(file.tell() + FRAMES * FRAME)

    done = subprocess.run([sys.executable, "-c", SCRIPT, path, target], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < ALLOWED < FRAMES * FRAME
