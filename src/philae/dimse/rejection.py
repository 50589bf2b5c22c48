"""A-ASSOCIATE-RJ (PS3.8 9.3.4) as a value with words and a remedy."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Result(IntEnum):
    PERMANENT = 1
    TRANSIENT = 2


class Source(IntEnum):
    USER = 1
    ACSE = 2
    PRESENTATION = 3


_WORDS: Final = {
    (1, 1): ("no reason given", "ask the administrator of the peer; its log may say more"),
    (1, 2): ("application context name not supported", "the peer does not speak DICOM as PS3.7 defines it"),
    (1, 3): ("calling AE title not recognized", "register our AE title (and address) at the peer"),
    (1, 7): ("called AE title not recognized", "check the AE title of the peer; upper and lower case differ"),
    (2, 1): ("no reason given", "ask the administrator of the peer; its log may say more"),
    (2, 2): ("protocol version not supported", "the peer does not speak this version of the DICOM upper layer"),
    (3, 1): ("temporary congestion", "try again later"),
    (3, 2): ("local limit exceeded", "the peer has too many associations open: use fewer, or try again later"),
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an association is refused."""

    result: int
    source: int
    reason: int

    @property
    def words(self) -> str:
        result = {1: "permanently", 2: "for now"}.get(self.result, f"with result {self.result}")
        return f"association rejected {result}: {self._entry[0]}"

    @property
    def remedy(self) -> str:
        return self._entry[1]

    @property
    def _entry(self) -> tuple[str, str]:
        unknown = (f"source {self.source}, reason {self.reason}", "these values are not in PS3.8; see the peer's log")
        return _WORDS.get((self.source, self.reason), unknown)


NO_REASON: Final = Rejection(Result.PERMANENT, Source.USER, 1)
APPLICATION_CONTEXT: Final = Rejection(Result.PERMANENT, Source.USER, 2)
UNKNOWN_CALLING_AE: Final = Rejection(Result.PERMANENT, Source.USER, 3)
UNKNOWN_CALLED_AE: Final = Rejection(Result.PERMANENT, Source.USER, 7)
PROTOCOL_VERSION: Final = Rejection(Result.PERMANENT, Source.ACSE, 2)
CONGESTION: Final = Rejection(Result.TRANSIENT, Source.PRESENTATION, 1)
LIMIT_EXCEEDED: Final = Rejection(Result.TRANSIENT, Source.PRESENTATION, 2)
