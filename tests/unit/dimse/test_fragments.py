import pytest

from philae.dimse.fragments import MAX_VECTOR, command_fragments, data_header, message_vectors, payload_length
from tests.support.association import data_pdu, pdv


def joined(segments: list[bytes], payload: int, length: int | None = None) -> bytes:
    total = sum(map(len, segments)) if length is None else length
    return b"".join(bytes(part) for vector in message_vectors(1, b"", segments, total, payload) for part in vector)


def test_a_dataset_is_cut_into_full_pdus_and_a_last_one() -> None:
    stream = joined([b"abc", b"defg", b"", b"hij"], 4)

    assert stream == data_pdu(pdv(1, 0, b"abcd")) + data_pdu(pdv(1, 0, b"efgh")) + data_pdu(pdv(1, 2, b"ij"))


def test_a_dataset_that_fills_its_last_pdu_gets_no_empty_one() -> None:
    assert joined([b"abcdefgh"], 4) == data_pdu(pdv(1, 0, b"abcd")) + data_pdu(pdv(1, 2, b"efgh"))


def test_no_vector_is_longer_than_the_kernel_takes() -> None:
    vectors = list(message_vectors(1, b"command", [b"ab"] * 5000, 10_000, 2))

    assert max(map(len, vectors)) <= MAX_VECTOR


def test_slices_of_a_segment_are_views_of_it() -> None:
    segment = bytearray(b"abcd" * 100)

    vector = next(message_vectors(1, b"", [segment], len(segment), 100))

    assert all(part.obj is segment for part in vector if isinstance(part, memoryview))


def test_full_pdus_share_one_header() -> None:
    vector = next(message_vectors(1, b"", [bytes(1000)], 1000, 100))

    assert len({id(part) for part in vector[1:-2:2]}) == 1


@pytest.mark.parametrize("length", [9, 11])
def test_segments_of_another_length_than_announced_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="segments hold"):
        joined([b"x" * 10], 4, length)


def test_a_command_longer_than_a_pdu_is_fragmented() -> None:
    assert command_fragments(5, b"abcdef", 4) == data_pdu(pdv(5, 1, b"abcd")) + data_pdu(pdv(5, 3, b"ef"))


@pytest.mark.parametrize("maximum, payload", [(0, 131066), (16384, 16378), (16383, 16376), (8, 2)])
def test_fragments_are_even_and_fit_the_peers_maximum(maximum: int, payload: int) -> None:
    assert payload_length(maximum) == payload
    assert len(data_header(1, 0, payload)) + payload - 6 <= (maximum or 131072)


def test_a_maximum_that_carries_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="carries no data"):
        payload_length(7)
