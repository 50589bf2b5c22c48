"""What every ledger promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from philae.pipeline.model import Delivery, Lane, Settlement
from philae.pipeline.outcome import DELIVERED, FINISHED, IllegalTransition, State
from philae.pipeline.ports import Ledger, NotRecorded
from tests.support.instances import make_instance

MINUTE = timedelta(minutes=1)
EXPIRED = timedelta(seconds=-1)
ONLY = Lane(destination_id=1, index=0, count=1)


def now() -> datetime:
    return datetime.now(UTC)


def claim(ledger: Ledger, lane: Lane = ONLY, worker: str = "w", limit: int = 100) -> list[Delivery]:
    return ledger.claim(lane, worker, limit, now())


def settle(ledger: Ledger, deliveries: list[Delivery], state: State, worker: str = "w") -> None:
    ledger.settle([Settlement(delivery, state, "why") for delivery in deliveries], worker)


def numbers(deliveries: list[Delivery]) -> list[int]:
    return [delivery.instance.id for delivery in deliveries]


def test_an_opened_instance_comes_back_as_it_was(ledger: Ledger) -> None:
    instance = make_instance(digest=bytes(range(16)))
    ledger.open(instance, [1], config_version=7)
    ledger.acquire([ONLY], "w", MINUTE)

    (delivery,) = claim(ledger)

    assert delivery == Delivery(instance, destination_id=1, config_version=7, attempts=0)


def test_claims_are_in_order_of_acceptance_and_limited(ledger: Ledger) -> None:
    for number in (30, 10, 20):
        ledger.open(make_instance(number, series=f"1.{number}"), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)

    assert numbers(claim(ledger, limit=2)) == [10, 20]
    assert numbers(claim(ledger, limit=2)) == [30]
    assert claim(ledger) == []


def test_lanes_share_out_series_and_never_a_series(ledger: Ledger) -> None:
    lanes = [Lane(1, index, 5) for index in range(5)]
    for number in range(100):
        ledger.open(make_instance(1000 + number, series=f"1.2.{number % 20}"), [1], 1)
    ledger.acquire(lanes, "w", MINUTE)

    claimed = {lane: claim(ledger, lane) for lane in lanes}

    series = [{each.instance.identifiers.series_instance_uid for each in batch} for batch in claimed.values()]
    assert sum(map(len, claimed.values())) == 100
    assert sum(map(len, series)) == len(set.union(*series))
    assert all(numbers(batch) == sorted(numbers(batch)) for batch in claimed.values())


def test_destinations_do_not_wait_for_each_other(ledger: Ledger) -> None:
    other = Lane(2, 0, 1)
    ledger.open(make_instance(1), [1, 2], 1)
    ledger.acquire([ONLY, other], "w", MINUTE)
    claim(ledger)

    assert numbers(claim(ledger, other)) == [1]


def test_destinations_that_something_is_queued_for_are_told(ledger: Ledger) -> None:
    assert ledger.queued() == set()
    for number, destinations in ((10, [7, 3]), (20, [3, 12]), (30, [12])):
        ledger.open(make_instance(number), destinations, 1)
    lane = Lane(3, 0, 1)
    ledger.acquire([lane], "w", MINUTE)
    assert ledger.queued() == {3, 7, 12}

    claim(ledger, lane)

    assert ledger.queued() == {7, 12}


def test_nobody_claims_without_a_live_lease(ledger: Ledger) -> None:
    ledger.open(make_instance(), [1], 1)

    assert claim(ledger) == []
    ledger.acquire([ONLY], "w", EXPIRED)
    assert claim(ledger) == []
    ledger.acquire([ONLY], "w", MINUTE)
    assert claim(ledger, worker="other") == []


def test_a_lane_has_one_holder(ledger: Ledger) -> None:
    assert ledger.acquire([ONLY], "w", MINUTE) == {ONLY}
    assert ledger.acquire([ONLY], "other", MINUTE) == set()
    assert ledger.acquire([ONLY], "w", MINUTE) == {ONLY}


def test_renewing_keeps_what_is_under_way(ledger: Ledger) -> None:
    ledger.open(make_instance(), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    batch = claim(ledger)
    ledger.acquire([ONLY], "w", MINUTE)
    settle(ledger, batch, State.SENT)

    assert ledger.counts().by_destination[1][State.SENT] == 1


def test_what_a_lost_worker_had_in_hand_goes_to_the_next(ledger: Ledger) -> None:
    ledger.open(make_instance(5), [1], 1)
    ledger.acquire([ONLY], "lost", MINUTE)
    batch = claim(ledger, worker="lost")
    ledger.acquire([ONLY], "lost", EXPIRED)

    assert ledger.acquire([ONLY], "w", MINUTE) == {ONLY}
    assert numbers(claim(ledger)) == [5]
    settle(ledger, batch, State.FAILED, worker="lost")
    assert ledger.counts().by_destination[1][State.SENDING] == 1


def test_releasing_frees_lanes_and_deliveries_at_once(ledger: Ledger) -> None:
    ledger.open(make_instance(5), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    claim(ledger)
    ledger.release("w")

    assert ledger.counts().by_destination[1][State.QUEUED] == 1
    assert ledger.acquire([ONLY], "next", MINUTE) == {ONLY}
    assert numbers(claim(ledger, worker="next")) == [5]


def test_lanes_of_another_count_wait_until_the_old_ones_have_ended(ledger: Ledger) -> None:
    halves = [Lane(1, index, 2) for index in range(2)]
    ledger.open(make_instance(), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    batch = claim(ledger)

    assert ledger.acquire(halves, "other", MINUTE) == set()
    assert ledger.acquire(halves, "w", MINUTE) == set()
    settle(ledger, batch, State.SENT)
    assert ledger.acquire(halves, "w", MINUTE) == set(halves)
    assert ledger.acquire([ONLY], "other", MINUTE) == set()


def test_a_lane_no_longer_asked_for_is_free_for_others(ledger: Ledger) -> None:
    halves = [Lane(1, index, 2) for index in range(2)]
    ledger.acquire(halves, "w", MINUTE)
    ledger.acquire(halves[:1], "w", MINUTE)

    assert ledger.acquire(halves, "other", MINUTE) == {halves[1]}


@pytest.mark.parametrize("state", sorted(FINISHED | {State.HELD, State.FAILED}))
def test_each_end_is_counted_and_final(ledger: Ledger, state: State) -> None:
    ledger.open(make_instance(), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    batch = claim(ledger)
    settle(ledger, batch, state)
    settle(ledger, batch, State.QUEUED)

    assert {each: count for each, count in ledger.counts().by_destination[1].items() if count} == {state: 1}
    assert claim(ledger) == []


def test_the_states_of_an_instance_are_those_of_its_deliveries(ledger: Ledger) -> None:
    ledger.open(make_instance(1), [1, 2], 1)
    ledger.open(make_instance(2), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    settle(ledger, claim(ledger, limit=1), State.SENT)

    assert sorted(ledger.states_of(1)) == [State.QUEUED, State.SENT]
    assert list(ledger.states_of(2)) == [State.QUEUED]
    assert list(ledger.states_of(3)) == []


def test_no_delivery_is_settled_into_sending(ledger: Ledger) -> None:
    ledger.open(make_instance(), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    batch = claim(ledger)

    with pytest.raises(IllegalTransition):
        settle(ledger, batch, State.SENDING)


def test_only_the_holder_settles(ledger: Ledger) -> None:
    ledger.open(make_instance(), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    settle(ledger, claim(ledger), State.SENT, worker="other")

    assert ledger.counts().by_destination[1][State.SENDING] == 1


def test_a_delayed_delivery_holds_back_its_lane_and_counts_the_attempt(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        ledger.open(make_instance(number), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    first, second = claim(ledger, limit=2)
    later = now() + MINUTE
    ledger.settle([Settlement(first, State.QUEUED, "busy", not_before=later), Settlement(second, State.QUEUED)], "w")

    assert claim(ledger) == []
    due = ledger.claim(ONLY, "w", 100, later)
    assert [(each.instance.id, each.attempts) for each in due] == [(1, 1), (2, 0), (3, 0)]


def test_held_and_failed_do_not_hold_back_their_lane(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        ledger.open(make_instance(number), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    first, second = claim(ledger, limit=2)
    settle(ledger, [first], State.HELD)
    settle(ledger, [second], State.FAILED)

    assert numbers(claim(ledger)) == [3]


def test_a_file_may_go_when_every_delivery_is_finished(ledger: Ledger) -> None:
    other = Lane(2, 0, 1)
    for number in (1, 2, 3):
        ledger.open(make_instance(number), [1, 2], 1)
    ledger.acquire([ONLY, other], "w", MINUTE)
    settle(ledger, claim(ledger), State.SENT)
    assert ledger.finished(10) == []
    one, two, three = claim(ledger, other)
    settle(ledger, [one], State.EXCLUDED)
    settle(ledger, [two], State.HELD)
    settle(ledger, [three], State.ALREADY_PRESENT)

    assert ledger.finished(10) == [1, 3]
    assert ledger.finished(1) == [1]
    ledger.dropped([1])
    assert ledger.finished(10) == [3]


def test_an_instance_that_goes_nowhere_is_finished_at_once(ledger: Ledger) -> None:
    ledger.open(make_instance(9), [], 1)

    assert ledger.finished(10) == [9]
    assert (ledger.counts().accepted, ledger.counts().opened) == (1, 0)


def test_known_tells_rows_from_orphans(ledger: Ledger) -> None:
    ledger.open(make_instance(1), [1], 1)
    ledger.open(make_instance(2), [], 1)

    assert ledger.known([1, 2, 3]) == {1, 2}
    assert ledger.known([]) == set()


def test_a_file_that_a_lost_worker_was_about_to_drop_is_an_orphan(ledger: Ledger) -> None:
    ledger.open(make_instance(1), [], 1)
    ledger.open(make_instance(2), [], 1)

    ledger.dropped([1])

    assert ledger.known([1, 2]) == {2}


def test_an_id_is_recorded_once(ledger: Ledger) -> None:
    ledger.open(make_instance(1), [1], 1)

    with pytest.raises(NotRecorded):
        ledger.open(make_instance(1), [1], 1)
    assert (ledger.counts().accepted, ledger.counts().opened) == (1, 1)


def test_reconciling_queues_what_no_live_lease_covers(ledger: Ledger) -> None:
    other = Lane(2, 0, 1)
    ledger.open(make_instance(1), [1, 2], 1)
    ledger.acquire([ONLY], "lost", MINUTE)
    ledger.acquire([other], "w", MINUTE)
    claim(ledger, worker="lost")
    claim(ledger, other)
    ledger.acquire([ONLY], "lost", EXPIRED)

    assert ledger.reconcile(now()) == 1
    assert ledger.reconcile(now()) == 0
    assert ledger.counts().by_destination[1][State.QUEUED] == 1
    assert ledger.counts().by_destination[2][State.SENDING] == 1


def test_text_that_a_database_cannot_hold_does_not_keep_an_instance_out(ledger: Ledger) -> None:
    ledger.open(make_instance(1, series="1.2\x00.3", patient_id="Ω\x00\udce4", sop_instance_uid="1\x00"), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)

    assert numbers(claim(ledger)) == [1]


def test_the_accounting_identity_holds_at_every_step(ledger: Ledger) -> None:
    def check() -> None:
        counts = ledger.counts()
        assert counts.opened == sum(sum(states.values()) for states in counts.by_destination.values())

    for number in range(6):
        ledger.open(make_instance(number), [1], 1)
        check()
    ledger.acquire([ONLY], "w", MINUTE)
    batch = claim(ledger)
    check()
    for delivery, state in zip(batch, (*DELIVERED, State.EXCLUDED, State.HELD, State.QUEUED), strict=True):
        settle(ledger, [delivery], state)
        check()
