from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP

from hypothesis import given
from hypothesis import strategies as st

from philae.destinations.stow.multipart import SMALL_BYTES, Parts, together
from tests.support.lanes import ct_dataset, outgoing_of


def test_the_body_is_what_another_reader_of_multipart_takes_apart() -> None:
    outgoings = [outgoing_of(number, ct_dataset(f"1.2.3.{number}", pixels=b"\r\n--" * 50)) for number in range(3)]
    parts = Parts(outgoings)

    body = b"".join(parts.buffers())

    whole = f"Content-Type: {parts.content_type}\r\n\r\n".encode() + body
    read = BytesParser(policy=HTTP).parsebytes(whole)
    assert len(body) == parts.length
    assert [part.get_content_type() for part in read.iter_parts()] == ["application/dicom"] * 3
    assert body.count(b"DICM") == 3


def test_a_body_can_be_read_again_and_no_two_bodies_share_a_boundary() -> None:
    outgoings = [outgoing_of(1, ct_dataset())]
    parts = Parts(outgoings)

    assert b"".join(parts.buffers()) == b"".join(parts.buffers())
    assert parts.boundary != Parts(outgoings).boundary


@given(st.lists(st.integers(0, 3 * SMALL_BYTES), max_size=8))
def test_joining_small_pieces_changes_no_byte_and_copies_no_large_piece(sizes: list[int]) -> None:
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]

    joined = list(together(pieces))

    assert b"".join(joined) == b"".join(pieces)
    assert all(any(piece is each for each in joined) for piece in pieces if len(piece) >= SMALL_BYTES)
    assert all(len(each) < 2 * SMALL_BYTES or each in pieces for each in joined)
