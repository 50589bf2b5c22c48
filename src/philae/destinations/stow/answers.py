"""What a STOW-RS answer means for each instance (PS3.18 10.5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from philae.destinations.stow.response import Unreadable, read_response
from philae.dicom.status import store_status
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Busy, Refused, State, TryAgain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.destinations.stow.connection import Answer

    Ended = Receipt | TryAgain | Refused

_DUPLICATE: Final = 0x0111
_PROCESSING_FAILURE: Final = 0x0110
_OUT_OF_RESOURCES: Final = frozenset({429, 503, 507})
_LATER: Final = frozenset({408, 425})
_OF_ALL: Final = frozenset({403, 404, 405, 406, *_OUT_OF_RESOURCES})
"""Answers about the destination or our place in it, not about an instance."""
LONGEST_WAIT_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How each instance ended; those that the answer does not name share ``others``."""

    named: Mapping[str, Ended]
    others: Ended
    of_one: bool = False
    """Whether ``others`` may be the fault of a single instance among several."""
    may_be_there: bool = False
    """Whether a refusal may mean that the archive has the instance."""


def verdict(answer: Answer) -> Verdict:
    """What an answer to a store request says. Raises `TryAgain` when it is no answer of the service that we mean."""
    status, code = _words(answer.status), f"HTTP {answer.status}"
    if answer.status == 409:
        return _conflict(answer, status, code)
    if answer.status in {200, 202}:
        return _stored(answer, status, code)
    if answer.status == 204:
        return Verdict({}, Receipt(State.SENT, status, code))
    if answer.status == 401:
        raise TryAgain(
            f"the archive cannot tell who sends ({status}); check the credentials of the destination", code=code
        )
    if 300 <= answer.status < 400:
        raise TryAgain(f"the archive cannot be reached at this url ({status}): it has another; correct it", code=code)
    return Verdict({}, _of_status(answer, status, code), of_one=answer.status not in _OF_ALL)


def _stored(answer: Answer, status: str, code: str) -> Verdict:
    """All (200) or some (202) of it was stored; what is stored without being named is only believed of all."""
    try:
        named = _named(answer)
    except Unreadable as error:
        raise TryAgain(
            f"the archive cannot be understood ({status}, but {error}); "
            "check that the url is that of a STOW-RS service",
            code=code,
        ) from error
    if not named and answer.status == 200:
        return Verdict({}, Receipt(State.SENT, status, code))
    others = TryAgain(f"{status}, but the answer does not name the instance", code=code)
    return Verdict(named, others, of_one=True, may_be_there=True)


def _conflict(answer: Answer, status: str, code: str) -> Verdict:
    """None was stored; the body may say why."""
    try:
        named = _named(answer)
    except Unreadable:
        named = {}
    return Verdict(named, Refused(f"{status}, without a reason", code=code), of_one=True, may_be_there=True)


def _of_status(answer: Answer, status: str, code: str) -> Ended:
    if answer.status in _OUT_OF_RESOURCES:
        return Busy(status, after_s=_asked_to_wait_s(answer), code=code)
    if answer.status >= 500 or answer.status in _LATER or answer.status < 300:
        return TryAgain(status, code=code)
    return Refused(status, code=code)


def _words(status: int) -> str:
    """The status in the words of RFC 9110: those of the server are not ours to repeat."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _asked_to_wait_s(answer: Answer) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), LONGEST_WAIT_S) if asked.isdecimal() else 0.0


def _named(answer: Answer) -> dict[str, Ended]:
    """The instances that the body names. Raises `Unreadable`."""
    response = read_response(answer)
    stored = {uid: _kept(warning) for uid, warning in response.stored.items()}
    return stored | {uid: _failed(reason) for uid, reason in response.failed.items()}


def _kept(warning: int | None) -> Ended:
    if warning is None:
        return Receipt(State.SENT, "stored")
    return Receipt(State.SENT, str(store_status(warning)), f"{warning:04X}H")


def _failed(reason: int | None) -> Ended:
    if reason is None:
        return Refused("refused without a reason")
    status, code = store_status(reason), f"{reason:04X}H"
    if reason == _DUPLICATE:
        return Receipt(State.ALREADY_PRESENT, str(status), code)
    if not status.transient:
        return Refused(str(status), code=code)
    return TryAgain(str(status), code=code) if reason == _PROCESSING_FAILURE else Busy(str(status), code=code)
