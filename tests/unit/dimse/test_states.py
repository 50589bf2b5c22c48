import pytest

from philae.dimse.states import DATA_STATES, TABLE, Action, Event, State, step

PDUS = [event for event in Event if event.value.startswith(("A-", "P-"))] + [Event.INVALID]


@pytest.mark.parametrize("state", [state for state in State if state is not State.IDLE])
@pytest.mark.parametrize("event", [*PDUS, Event.CLOSED, Event.LOCAL_ABORT])
def test_every_state_has_an_answer_to_whatever_arrives(state: State, event: Event) -> None:
    action, following = step(state, event)

    assert isinstance(action, Action)
    assert following in State


@pytest.mark.parametrize("state", [state for state in State if state is not State.IDLE])
def test_a_closed_connection_ends_every_state(state: State) -> None:
    assert step(state, Event.CLOSED).state is State.IDLE


def test_data_may_arrive_only_while_established_or_while_our_release_is_unanswered() -> None:
    assert {State.ESTABLISHED, State.AWAITING_RELEASE} == DATA_STATES


def test_every_unexpected_pdu_of_an_established_association_is_answered_by_a_provider_abort() -> None:
    expected = {Event.DATA, Event.RELEASE_RQ, Event.ABORT}

    actions = {step(State.ESTABLISHED, event).action for event in PDUS if event not in expected}

    assert actions == {Action.AA_8}


def test_artim_closes_where_it_runs() -> None:
    assert [state for state in State if Event.ARTIM in TABLE[state]] == [State.AWAITING_REQUEST, State.AWAITING_CLOSE]


def test_an_impossible_local_event_is_a_programming_fault() -> None:
    with pytest.raises(LookupError, match="Sta1"):
        step(State.IDLE, Event.SEND)
