from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations_with_replacement
from time import monotonic
from typing import Any

import pytest

from philae.config.forward_node import AnswerPolicy, ForwardNode
from philae.config.windows import read_window
from philae.pipeline.answer import unconfirmable, undelivered, verdict
from philae.pipeline.outcome import DELIVERED, FINISHED, WAITING, State
from philae.pipeline.ports import LedgerUnavailable
from tests.support.fakes import FakeLedger
from tests.support.instances import make_instance
from tests.support.lanes import make_destination, make_node

MIXES = [states for count in range(4) for states in combinations_with_replacement(State, count)]


@pytest.mark.parametrize("states", MIXES)
def test_pass_through_means_that_every_destination_is_done_with_it(states: tuple[State, ...]) -> None:
    found = verdict("pass-through", states)

    assert (found is True) == all(state in FINISHED for state in states)
    assert (found is False) == any(state in (State.HELD, State.FAILED) for state in states)


@pytest.mark.parametrize("states", MIXES)
def test_any_means_that_one_destination_has_it_or_none_was_to_get_it(states: tuple[State, ...]) -> None:
    found = verdict("any", states)

    has_arrived = any(state in DELIVERED for state in states)
    assert (found is True) == (has_arrived or all(state is State.EXCLUDED for state in states))
    assert (found is None) == (not has_arrived and any(state in WAITING for state in states))


@pytest.mark.parametrize("policy", ["pass-through", "any"])
def test_a_ledger_that_is_away_and_a_destination_that_is_silent_cost_the_time_limit(policy: AnswerPolicy) -> None:
    class Away(FakeLedger):
        asked = 0

        def states_of(self, instance_id: int) -> list[State]:
            self.asked += 1
            if self.asked == 1:
                raise LedgerUnavailable("gone")
            return list(super().states_of(instance_id))

    ledger = Away()
    instance = make_instance()
    ledger.open(instance, [1], 1)
    node = make_node(make_destination(1)).model_copy(update={"answer": policy})

    reason = undelivered(instance.id, node, ledger, monotonic() + 0.02)

    assert reason is not None
    assert "not confirmed" in reason
    assert ledger.asked > 1


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIGHT = {"windows": (read_window("20:00-06:00"),), "time_zone": "UTC"}


def waiting_node(policy: AnswerPolicy, *changes: dict[str, Any]) -> ForwardNode:
    """A node of two destinations."""
    destinations = [
        make_destination(number, name=name).model_copy(update=changed)
        for number, name, changed in zip((1, 2), ("first", "second"), changes, strict=True)
    ]
    return make_node(*destinations).model_copy(update={"answer": policy})


@pytest.mark.parametrize("shut, words", [({"paused": True}, "is paused"), (NIGHT, "is closed until 2026-03-02 20:00")])
def test_no_confirmation_can_be_had_while_a_destination_that_is_needed_is_shut(
    shut: dict[str, Any], words: str
) -> None:
    assert words in unconfirmable(waiting_node("pass-through", {}, shut), NOON)
    assert words in unconfirmable(waiting_node("any", shut, shut), NOON)
    assert unconfirmable(waiting_node("any", {}, shut), NOON) == ""
    assert unconfirmable(waiting_node("store-and-forward", shut, shut), NOON) == ""


def test_one_that_is_not_needed_keeps_nobody_waiting() -> None:
    shut, disabled = {"paused": True}, {"paused": True, "enabled": False}

    assert unconfirmable(waiting_node("pass-through", {}, disabled), NOON) == ""
    assert unconfirmable(waiting_node("pass-through", {"fallback": "second"}, shut), NOON) == ""


def test_of_a_node_that_is_paused_as_a_whole_nothing_is_confirmed() -> None:
    node = waiting_node("any", {}, {}).model_copy(update={"paused": True})

    assert unconfirmable(node, NOON) == "first is paused; try again later"
