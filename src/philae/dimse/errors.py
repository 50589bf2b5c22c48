"""What can go wrong with an association, by what the caller will do about it."""

from enum import IntEnum


class AbortReason(IntEnum):
    """Reason of an A-ABORT issued by the service provider (PS3.8 9.3.8)."""

    NOT_SPECIFIED = 0
    UNRECOGNIZED_PDU = 1
    UNEXPECTED_PDU = 2
    UNRECOGNIZED_PARAMETER = 4
    UNEXPECTED_PARAMETER = 5
    INVALID_PARAMETER = 6


class DimseError(Exception):
    """Any failure of an association; its text is fit for people."""


class ConnectFailed(DimseError):
    """No transport connection (refused, unreachable, TLS handshake failed)."""


class AssociationRejected(DimseError):
    """The peer answered A-ASSOCIATE-RJ; ``transient`` says whether another attempt may succeed."""

    def __init__(self, result: int, source: int, reason: int, words: str) -> None:
        super().__init__(words)
        self.result = result
        self.source = source
        self.reason = reason
        self.words = words

    @property
    def transient(self) -> bool:
        return self.result == 2


class AssociationAborted(DimseError):
    """The association ended before its work was done: A-ABORT, a lost connection, or the peer's own release."""


class Timeout(DimseError):
    """The peer stayed silent, or took nothing, for longer than allowed."""


class ProtocolError(DimseError):
    """Bytes that break PS3.8 or PS3.7; ``reason`` is what the A-ABORT answering them says."""

    def __init__(self, text: str, reason: AbortReason = AbortReason.INVALID_PARAMETER) -> None:
        super().__init__(text)
        self.reason = reason
