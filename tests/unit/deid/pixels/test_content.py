"""Pixel data on its way out."""

import mmap
from pathlib import Path

from philae.deid.pixels.content import EncapsulatedFrames, NativeFrames, Scratch, release
from philae.dicom.layout import EXPLICIT, IMPLICIT
from philae.dicom.splice import joined


def test_offsets_beyond_four_gibibytes_go_to_the_extended_table() -> None:
    frames = EncapsulatedFrames(EXPLICIT)
    frames.append(b"first!")
    frames._offsets.append(1 << 33)
    frames._lengths.append(5)

    frames.finish()

    head = joined(b"", list(frames.segments()))[: -len(b"first!") - 16]
    table = bytes(8) + (1 << 33).to_bytes(8, "little")
    assert head.startswith(EXPLICIT.header(0x7FE00001, "OV", 16) + table)
    assert EXPLICIT.header(0x7FE00002, "OV", 16) in head
    assert head.endswith(EXPLICIT.header(0xFFFEE000, "", 0))


def test_frames_of_odd_length_are_padded() -> None:
    frames, native = EncapsulatedFrames(EXPLICIT), NativeFrames(IMPLICIT, 8, 3)
    for content in (frames, native):
        content.append(b"abc")
        content.finish()

    assert b"\x04\x00\x00\x00abc\0" in joined(b"", list(frames.segments()))
    assert joined(b"", list(native.segments())) == IMPLICIT.header(0x7FE00010, "OW", 4) + b"abc\0"


def test_scratch_bytes_come_in_blocks() -> None:
    scratch = Scratch()
    scratch.append(bytes(1 << 20))
    scratch.append(b"tail")

    assert [len(block) for block in scratch.blocks()] == [1 << 20, 4]
    assert scratch.length == (1 << 20) + 4


def test_released_pages_still_hold_what_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"x" * 3 * mmap.PAGESIZE)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as source:
        release(source, 5, 2 * mmap.PAGESIZE + 5)

        assert source[:] == path.read_bytes()
