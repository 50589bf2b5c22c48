"""How much a peer may ask for, how long it may take."""

from dataclasses import dataclass

DEFAULT_PDU_LENGTH = 131_072
MAX_REPORT_BYTES = 16 * 1024**2
"""Of an event report: room for a hundred thousand instances."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one acceptor allows; lengths in bytes."""

    max_associations: int = 128
    max_pdu_length: int = DEFAULT_PDU_LENGTH  # announced; 0 announces no limit
    max_pdu_accepted: int = 4 * 1024 * 1024  # taken all the same from peers that ignore what was announced
    max_negotiation_length: int = 512 * 1024
    max_command_length: int = 16 * 1024
    max_dataset_bytes: int = 16 * 1024**3
    max_operations: int = 64  # operations a peer may have outstanding; they are performed in order
    artim_s: float = 30.0
    idle_s: float = 600.0
    send_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a requestor waits."""

    connect_s: float = 10.0
    associate_s: float = 30.0
    send_s: float = 60.0  # without the peer taking a single byte
    response_s: float = 120.0
    release_s: float = 5.0
