from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from philae.pipeline import record
from philae.pipeline.model import Delivery, Receipt
from philae.pipeline.outcome import Busy, State, TryAgain
from philae.pipeline.record import Patience
from philae.pipeline.retry import RetryCurve
from tests.support.instances import NOW, make_instance
from tests.support.lanes import ct_dataset, outgoing_of

DELIVERY = Delivery(make_instance(), destination_id=1, config_version=1, attempts=0)
PATIENCE = Patience(RetryCurve(base_s=2.0, jitter=0.0))


def test_what_was_sent_is_recorded_with_the_new_uids_and_the_answer() -> None:
    outgoing = replace(outgoing_of(1, ct_dataset()), sop_instance_uid="2.25.1", study_instance_uid="2.25.2")

    settlement = record.sent(outgoing, Receipt(State.ALREADY_PRESENT, "0111H duplicate"))

    assert settlement.state is State.ALREADY_PRESENT
    assert (settlement.sent_sop_instance_uid, settlement.sent_study_instance_uid) == ("2.25.1", "2.25.2")
    assert settlement.detail == "0111H duplicate"


def test_a_transient_answer_queues_again_with_a_growing_delay() -> None:
    first = PATIENCE.again(DELIVERY, TryAgain("aborted"), NOW)
    third = PATIENCE.again(replace(DELIVERY, attempts=2), TryAgain("aborted"), NOW)

    assert (first.state, first.not_before, first.detail) == (State.QUEUED, NOW + timedelta(seconds=2), "aborted")
    assert third.not_before == NOW + timedelta(seconds=8)


def test_the_tenth_failure_in_a_row_fails_the_instance_and_says_why() -> None:
    ninth = PATIENCE.again(replace(DELIVERY, attempts=8), TryAgain("aborted"), NOW)
    tenth = PATIENCE.again(replace(DELIVERY, attempts=9), TryAgain("aborted"), NOW)

    assert ninth.state is State.QUEUED
    assert (tenth.state, tenth.detail) == (State.FAILED, "gave up after 10 attempts: aborted")


def test_what_was_not_tried_waits_for_nothing() -> None:
    settlement = record.not_tried(DELIVERY)

    assert (settlement.state, settlement.not_before, settlement.detail) == (State.QUEUED, None, "")


def test_a_busy_receiver_fails_no_instance_however_long_it_is_busy() -> None:
    # when
    hundredth = PATIENCE.again(replace(DELIVERY, attempts=99), Busy("A700H refused, out of resources"), NOW)

    # then
    assert hundredth.state is State.QUEUED
    assert hundredth.not_before is not None
