"""Messages as P-DATA-TF PDUs: vectors of headers and slices, no byte of a dataset copied."""

from collections.abc import Iterable, Iterator
from typing import Final

from philae.dimse import pdu

Buffer = bytes | bytearray | memoryview

MAX_VECTOR: Final = 1024  # IOV_MAX of Linux
_BATCH_BYTES: Final = 1024 * 1024
_UNLIMITED_PICK: Final = 131_072
_SHORTEST: Final = pdu.DATA_OVERHEAD + 2


def payload_length(max_pdu_length: int) -> int:
    """Bytes of a message that fit into one PDU of the peer's maximum length (0: no limit), an even number."""
    if max_pdu_length == 0:
        max_pdu_length = _UNLIMITED_PICK
    if max_pdu_length < _SHORTEST:
        raise ValueError(f"a maximum PDU length of {max_pdu_length} carries no data")
    return (max_pdu_length - pdu.DATA_OVERHEAD) & ~1


def data_header(context_id: int, control: int, length: int) -> bytes:
    """PDU and PDV header of one fragment of ``length`` bytes."""
    pdv = length + pdu.PDV_OVERHEAD
    return pdu.DATA_HEADER.pack(pdu.P_DATA, pdv + 4, pdv, context_id, control)


def command_fragments(context_id: int, command_set: bytes, payload: int) -> bytes:
    """One command set as PDUs, ready to send."""
    if len(command_set) <= payload:
        return data_header(context_id, pdu.COMMAND | pdu.LAST, len(command_set)) + command_set
    pieces: list[bytes] = []
    for at in range(0, len(command_set), payload):
        piece = command_set[at : at + payload]
        control = pdu.COMMAND | (pdu.LAST if at + payload >= len(command_set) else 0)
        pieces += (data_header(context_id, control, len(piece)), piece)
    return b"".join(pieces)


def message_vectors(
    context_id: int, command: bytes, segments: Iterable[Buffer], length: int, payload: int
) -> Iterator[list[Buffer]]:
    """Vectors to write one after the other: ``command`` as it stands, then the dataset as PDUs.

    A segment is looked at again until the vector that holds it has been taken, so it must not be reused by its maker.
    Raises ValueError when the segments do not hold exactly ``length`` bytes.
    """
    full = data_header(context_id, 0, payload)
    vector: list[Buffer] = [command]
    left, room, batched = length, 0, 0  # room: what the PDU begun still takes
    for segment in segments:
        view = memoryview(segment).cast("B")
        if view.nbytes > left:
            raise ValueError(f"segments hold more than the {length} bytes announced")
        at = 0
        while at < view.nbytes:
            if not room:
                room = min(payload, left)
                vector.append(full if left > payload else data_header(context_id, pdu.LAST, left))
            take = min(room, view.nbytes - at)
            vector.append(view[at : at + take])
            at += take
            room -= take
            left -= take
            batched += take
            if batched >= _BATCH_BYTES or len(vector) >= MAX_VECTOR - 1:
                yield vector
                vector, batched = [], 0
    if left:
        raise ValueError(f"segments hold {left} bytes fewer than the {length} announced")
    if vector:
        yield vector
