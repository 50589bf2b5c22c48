from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from philae.dicom.commitment import Reference
from philae.dicom.identify import Identifiers
from philae.pipeline import record
from philae.pipeline.commitments import AWAITED
from philae.pipeline.model import Delivery, Receipt
from philae.pipeline.outcome import Busy, State, TryAgain
from philae.pipeline.record import Patience
from philae.pipeline.retry import RetryCurve
from tests.support.instances import NOW, make_instance
from tests.support.lanes import ct_dataset, outgoing_of

DELIVERY = Delivery(make_instance(), destination_id=1, config_version=1, attempts=0)
PATIENCE = Patience(RetryCurve(base_s=2.0, jitter=0.0))


def test_what_was_sent_is_recorded_with_the_new_uids_and_the_answer() -> None:
    names = Identifiers(sop_instance_uid="2.25.1", study_instance_uid="2.25.2")
    outgoing = replace(outgoing_of(1, ct_dataset()), names=names)

    settlement = record.sent(outgoing, Receipt(State.ALREADY_PRESENT, "0111H duplicate", "0111H"))

    assert settlement.state is State.ALREADY_PRESENT
    assert settlement.sent == names
    assert (settlement.detail, settlement.code) == ("0111H duplicate", "0111H")


def test_what_is_to_be_committed_is_recorded_as_the_receiver_knows_it() -> None:
    outgoing = replace(outgoing_of(1, ct_dataset("1.2.3.4")), sop_instance_uid="2.25.1")

    awaited = record.sent(outgoing, Receipt(State.SENT, "0000H success", "0000H", is_uncommitted=True))
    other = record.sent(outgoing, Receipt(State.SENT, "0000H success", "0000H"))

    assert awaited.uncommitted == Reference(outgoing.sop_class_uid, "2.25.1")
    assert awaited.detail == f"0000H success{AWAITED}"
    assert (other.uncommitted, other.detail) == (None, "0000H success")


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


def test_a_receiver_that_asks_for_a_pause_gets_it_and_never_less_than_its_due() -> None:
    long = PATIENCE.again(DELIVERY, Busy("503 Service Unavailable", after_s=77), NOW)
    short = PATIENCE.again(replace(DELIVERY, attempts=2), Busy("503 Service Unavailable", after_s=1), NOW)

    assert long.not_before == NOW + timedelta(seconds=77)
    assert short.not_before == NOW + timedelta(seconds=8)


def test_what_a_sender_kept_in_is_excluded_with_its_reason() -> None:
    outgoing = outgoing_of(1, ct_dataset())

    settlement = record.sent(outgoing, Receipt(State.EXCLUDED, "its name fits *.dcm"))

    assert (settlement.state, settlement.detail) == (State.EXCLUDED, "its name fits *.dcm")


def test_what_was_done_to_pixels_stands_beside_the_answer() -> None:
    outgoing = replace(outgoing_of(1, ct_dataset()), remark="mask sha256:0123456789abcdef")

    settlement = record.sent(outgoing, Receipt(State.SENT, "0000H success"))

    assert settlement.detail == "0000H success; mask sha256:0123456789abcdef"
