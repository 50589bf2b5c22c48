from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from philae.dicom.splice import Span
from philae.dicom.syntax import EXPLICIT_LE
from philae.pipeline.body import HEAD_BYTES, SMALL_BYTES, Body, identify_head
from tests.support.fakes import FakeFile
from tests.support.instances import CT
from tests.support.lanes import ct_dataset

FILE = FakeFile(b"\x08\0\x16\0UI\x02\x001\0" + bytes(range(256)), EXPLICIT_LE.uid)


def body(*segments: bytes | Span) -> Body:
    return Body(FILE, segments)


def test_edited_bytes_and_ranges_of_the_file_come_in_order() -> None:
    mixed = body(b"new", Span(10, 14), b"!", Span(14, 16))

    assert b"".join(mixed.buffers()) == b"new" + bytes(range(4)) + b"!" + bytes(range(4, 6))
    assert mixed.length == 10


def test_a_body_can_be_read_again() -> None:
    twice = body(b"new", Span(10, 14))

    assert b"".join(twice.buffers()) == b"".join(twice.buffers())


@given(st.lists(st.one_of(st.binary(max_size=8), st.builds(lambda at: Span(at, at + 5), st.integers(0, 200)))))
def test_the_head_is_the_beginning_of_the_whole(segments: list[bytes | Span]) -> None:
    some = body(*segments)
    whole = b"".join(some.buffers())

    assert some.length == len(whole)
    assert [some.head(size) for size in (0, 1, 7, 4096)] == [whole[:size] for size in (0, 1, 7, 4096)]


def test_identifiers_need_only_the_head() -> None:
    dataset = ct_dataset("1.2.3.4", pixels=bytes(2 * HEAD_BYTES))

    identifiers = identify_head(dataset[:HEAD_BYTES], EXPLICIT_LE)

    assert (identifiers.sop_class_uid, identifiers.sop_instance_uid) == (CT, "1.2.3.4")


class Made:
    """Content that is made when it is asked for."""

    length = 3 * SMALL_BYTES + 5

    def segments(self) -> Iterator[bytes | Span]:
        yield b"x" * (3 * SMALL_BYTES)
        yield Span(10, 15)


def test_content_is_made_each_time_and_large_pieces_of_it_are_not_gathered() -> None:
    made = Body(FILE, (b"before", Made(), b"behind"))

    first, second = list(made.buffers()), list(made.buffers())

    assert first == second
    assert b"".join(first) == b"before" + b"x" * (3 * SMALL_BYTES) + bytes(range(5)) + b"behind"
    assert made.length == sum(map(len, first))
    assert b"x" * (3 * SMALL_BYTES) in first
