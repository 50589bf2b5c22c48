from __future__ import annotations

from contextlib import nullcontext
from itertools import product

import pytest

from philae.pipeline.outcome import (
    DELIVERED,
    FINISHED,
    TRANSITIONS,
    WAITING,
    IllegalTransition,
    State,
    check_transition,
)

TABLE = {
    (State.QUEUED, State.SENDING),
    (State.QUEUED, State.HELD),
    (State.HELD, State.QUEUED),
    (State.FAILED, State.QUEUED),
    (State.HELD, State.EXCLUDED),
    (State.FAILED, State.EXCLUDED),
    *((State.SENDING, after) for after in State if after is not State.SENDING),
}


@pytest.mark.parametrize("before, after", sorted(TABLE))
def test_what_the_table_joins_is_allowed(before: State, after: State) -> None:
    check_transition(before, after)


@pytest.mark.parametrize("before, after", sorted(set(product(State, State)) - TABLE))
def test_every_transition_outside_the_table_is_refused(before: State, after: State) -> None:
    with pytest.raises(IllegalTransition, match=f"{before.name} to {after.name}"):
        check_transition(before, after)


def test_nothing_leaves_a_finished_state() -> None:
    assert all(not TRANSITIONS[state] for state in FINISHED)


@pytest.mark.parametrize("before, after", sorted(product(State, State)))
def test_only_what_was_delivered_goes_back_or_fails_while_commitment_is_awaited(before: State, after: State) -> None:
    is_allowed = before in (State.SENT, State.ALREADY_PRESENT) and after in (State.QUEUED, State.FAILED)

    with nullcontext() if is_allowed else pytest.raises(IllegalTransition):
        check_transition(before, after, is_uncommitted=True)


def test_every_state_is_waiting_finished_or_for_people() -> None:
    assert set(State) == WAITING | FINISHED | {State.HELD, State.FAILED}
    assert not WAITING & FINISHED
    assert DELIVERED < FINISHED


def test_stored_numbers_never_change() -> None:
    assert [state.name for state in sorted(State)] == [
        "QUEUED",
        "SENDING",
        "SENT",
        "ALREADY_PRESENT",
        "SIMULATED",
        "EXCLUDED",
        "HELD",
        "FAILED",
    ]
