"""The state table of PS3.8 (Table 9-10) for both roles, without what C-STORE and C-ECHO never use.

Left out: the acceptor never asks for release, so Sta10 and Sta12 do not exist, and Sta4 is the connect call itself.
In Sta13 everything that arrives is dropped (AA-6), a second A-ASSOCIATE-RQ and unknown PDUs (AA-7) included.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class State(StrEnum):
    """States of PS3.8 Tables 9-1 to 9-5."""

    IDLE = "Sta1"
    AWAITING_REQUEST = "Sta2"
    AWAITING_LOCAL_ANSWER = "Sta3"
    AWAITING_ANSWER = "Sta5"
    ESTABLISHED = "Sta6"
    AWAITING_RELEASE = "Sta7"
    AWAITING_LOCAL_RELEASE = "Sta8"
    COLLISION = "Sta9"
    COLLISION_AWAITING_RELEASE = "Sta11"
    AWAITING_CLOSE = "Sta13"


class Event(StrEnum):
    """What happens to an association: a PDU arrives, the local user decides, or the transport changes."""

    ASSOCIATE_RQ = "A-ASSOCIATE-RQ"
    ASSOCIATE_AC = "A-ASSOCIATE-AC"
    ASSOCIATE_RJ = "A-ASSOCIATE-RJ"
    DATA = "P-DATA-TF"
    RELEASE_RQ = "A-RELEASE-RQ"
    RELEASE_RP = "A-RELEASE-RP"
    ABORT = "A-ABORT"
    INVALID = "invalid PDU"
    CONNECTED = "transport connection confirmed"
    OPENED = "transport connection indication"
    CLOSED = "transport connection closed"
    ARTIM = "ARTIM timer expired"
    ACCEPT = "local accept"
    REJECT = "local reject"
    SEND = "local P-DATA request"
    RELEASE = "local release request"
    RELEASE_ANSWER = "local release response"
    LOCAL_ABORT = "local abort request"


class Action(StrEnum):
    """Actions of PS3.8 Tables 9-6 to 9-9."""

    AE_2 = "send A-ASSOCIATE-RQ"
    AE_3 = "tell the user of the acceptance"
    AE_4 = "tell the user of the rejection, close"
    AE_5 = "start ARTIM"
    AE_6 = "stop ARTIM, examine the request"
    AE_7 = "send A-ASSOCIATE-AC"
    AE_8 = "send A-ASSOCIATE-RJ, start ARTIM"
    DT_1 = "send P-DATA-TF"
    DT_2 = "pass data on"
    AR_1 = "send A-RELEASE-RQ"
    AR_2 = "tell the user of the release request"
    AR_3 = "tell the user of the release, close"
    AR_4 = "send A-RELEASE-RP, start ARTIM"
    AR_5 = "stop ARTIM"
    AR_6 = "pass data on while a release is awaited"
    AR_7 = "send P-DATA-TF before the release response"
    AR_8 = "tell the user of the release collision"
    AR_9 = "send A-RELEASE-RP in a collision"
    AA_1 = "send A-ABORT of the service user, start ARTIM"
    AA_2 = "close"
    AA_3 = "tell the user of the abort, close"
    AA_4 = "tell the user that the connection was lost"
    AA_5 = "stop ARTIM, nobody to tell"
    AA_6 = "ignore"
    AA_8 = "send A-ABORT of the service provider, tell the user, start ARTIM"


class Step(NamedTuple):
    """What to do, then the state to be in."""

    action: Action
    state: State


_PDUS: Final = (
    Event.ASSOCIATE_RQ,
    Event.ASSOCIATE_AC,
    Event.ASSOCIATE_RJ,
    Event.DATA,
    Event.RELEASE_RQ,
    Event.RELEASE_RP,
    Event.INVALID,
)
_S: Final = State
_ABORTED_BY_USER: Final = Step(Action.AA_1, _S.AWAITING_CLOSE)
_ABORTED_BY_PROVIDER: Final = Step(Action.AA_8, _S.AWAITING_CLOSE)


def _row(unexpected: Step, expected: Mapping[Event, Step]) -> Mapping[Event, Step]:
    """One state: what every PDU does there, unless ``expected`` says otherwise."""
    usual = {
        Event.ABORT: Step(Action.AA_3, _S.IDLE),
        Event.CLOSED: Step(Action.AA_4, _S.IDLE),
        Event.LOCAL_ABORT: _ABORTED_BY_USER,
    }
    return MappingProxyType(_each(_PDUS, unexpected) | usual | dict(expected))


def _each(events: Iterable[Event], step: Step) -> dict[Event, Step]:
    return dict.fromkeys(events, step)


TABLE: Final[Mapping[State, Mapping[Event, Step]]] = MappingProxyType(
    {
        _S.IDLE: MappingProxyType(
            {
                Event.CONNECTED: Step(Action.AE_2, _S.AWAITING_ANSWER),
                Event.OPENED: Step(Action.AE_5, _S.AWAITING_REQUEST),
            }
        ),
        _S.AWAITING_REQUEST: _row(
            _ABORTED_BY_USER,
            {
                Event.ASSOCIATE_RQ: Step(Action.AE_6, _S.AWAITING_LOCAL_ANSWER),
                Event.ABORT: Step(Action.AA_2, _S.IDLE),
                Event.CLOSED: Step(Action.AA_5, _S.IDLE),
                Event.ARTIM: Step(Action.AA_2, _S.IDLE),
            },
        ),
        _S.AWAITING_LOCAL_ANSWER: _row(
            _ABORTED_BY_PROVIDER,
            {
                Event.ACCEPT: Step(Action.AE_7, _S.ESTABLISHED),
                Event.REJECT: Step(Action.AE_8, _S.AWAITING_CLOSE),
            },
        ),
        _S.AWAITING_ANSWER: _row(
            _ABORTED_BY_PROVIDER,
            {
                Event.ASSOCIATE_AC: Step(Action.AE_3, _S.ESTABLISHED),
                Event.ASSOCIATE_RJ: Step(Action.AE_4, _S.IDLE),
            },
        ),
        _S.ESTABLISHED: _row(
            _ABORTED_BY_PROVIDER,
            {
                Event.DATA: Step(Action.DT_2, _S.ESTABLISHED),
                Event.SEND: Step(Action.DT_1, _S.ESTABLISHED),
                Event.RELEASE: Step(Action.AR_1, _S.AWAITING_RELEASE),
                Event.RELEASE_RQ: Step(Action.AR_2, _S.AWAITING_LOCAL_RELEASE),
            },
        ),
        _S.AWAITING_RELEASE: _row(
            _ABORTED_BY_PROVIDER,
            {
                Event.DATA: Step(Action.AR_6, _S.AWAITING_RELEASE),
                Event.RELEASE_RQ: Step(Action.AR_8, _S.COLLISION),
                Event.RELEASE_RP: Step(Action.AR_3, _S.IDLE),
            },
        ),
        _S.AWAITING_LOCAL_RELEASE: _row(
            _ABORTED_BY_PROVIDER,
            {
                Event.SEND: Step(Action.AR_7, _S.AWAITING_LOCAL_RELEASE),
                Event.RELEASE_ANSWER: Step(Action.AR_4, _S.AWAITING_CLOSE),
            },
        ),
        _S.COLLISION: _row(
            _ABORTED_BY_PROVIDER,
            {Event.RELEASE_ANSWER: Step(Action.AR_9, _S.COLLISION_AWAITING_RELEASE)},
        ),
        _S.COLLISION_AWAITING_RELEASE: _row(
            _ABORTED_BY_PROVIDER,
            {Event.RELEASE_RP: Step(Action.AR_3, _S.IDLE)},
        ),
        _S.AWAITING_CLOSE: MappingProxyType(
            _each(_PDUS, Step(Action.AA_6, _S.AWAITING_CLOSE))
            | {
                Event.ABORT: Step(Action.AA_2, _S.IDLE),
                Event.CLOSED: Step(Action.AR_5, _S.IDLE),
                Event.ARTIM: Step(Action.AA_2, _S.IDLE),
                Event.LOCAL_ABORT: Step(Action.AA_6, _S.AWAITING_CLOSE),
            }
        ),
    }
)

DATA_STATES: Final = frozenset(
    state for state, row in TABLE.items() if row.get(Event.DATA, _ABORTED_BY_USER).action in {Action.DT_2, Action.AR_6}
)


def step(state: State, event: Event) -> Step:
    """The action and next state; an event the table has no entry for is a mistake of ours: ``LookupError``."""
    try:
        return TABLE[state][event]
    except KeyError:
        raise LookupError(f"{event.value} cannot happen in {state.value}") from None
