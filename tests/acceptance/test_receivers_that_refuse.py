"""Receivers that refuse, warn, abort, hang or reject: each delivery ends in a defined state with its reason."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from philae.pipeline.outcome import WAITING, State
from tests.support.archives import Recorder, until
from tests.support.deliveries import Delivered, deliveries, spool_files
from tests.support.documents import document, node, to_dicom
from tests.support.gateway import Gateway
from tests.support.scans import scans
from tests.support.senders import send

INSTANCES = 6
HANG_S = 3.0


def abort_every_third(number: int, association: Any) -> None:
    if number % 3 == 0:
        association.abort()


def abort_always(_number: int, association: Any) -> None:
    association.abort()


def hang_once(number: int, _association: Any) -> None:
    if number == 2:
        time.sleep(HANG_S)


def receivers() -> dict[str, Recorder]:
    """By the AE title of the forward node that sends to it."""
    return {
        "BUSY": Recorder(answer=lambda number: 0xA700 if number % 3 == 0 else 0),
        "MISMATCH": Recorder(answer=lambda _: 0xA900),
        "CONFUSED": Recorder(answer=lambda _: 0xC000),
        "COERCING": Recorder(answer=lambda _: 0xB000),
        "NOCLASS": Recorder(answer=lambda _: 0x0122),
        "DUPLICATE": Recorder(answer=lambda _: 0x0111),
        "ABORTING": Recorder(act=abort_every_third),
        "GONE": Recorder(act=abort_always),
        "HANGING": Recorder(act=hang_once),
        "REJECTING": Recorder(calling_ae_titles=("SOMEBODY",)),
    }


@dataclass(frozen=True)
class Outcomes:
    """What the ledger says when all is quiet, and what the receivers took."""

    gateway: Gateway
    receivers: dict[str, Recorder]
    deliveries: list[Delivered]
    files_kept: int

    def of(self, name: str) -> list[Delivered]:
        return [each for each in self.deliveries if each.node == name]

    def reasons(self, name: str) -> set[tuple[State, str]]:
        return {(each.state, each.detail) for each in self.of(name)}

    def arrived(self, name: str) -> set[str]:
        return {taken.uid for taken in self.receivers[name].taken}

    def sent(self, name: str) -> set[str]:
        return {each.sent_sop_instance_uid for each in self.of(name)}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    root = tmp_path_factory.mktemp("receivers")
    sent = [scan.path for scan in scans(root / "sent", slices=INSTANCES)]
    targets = receivers()
    nodes = [
        node(to_dicom(target.start().port, response_timeout_s=1.0), ae_title=name) for name, target in targets.items()
    ]
    with Gateway(root / "data", document(*nodes)) as gateway:
        for name in targets:
            send(gateway.port, sent[:1] if name == "GONE" else sent, called=name)
        until(lambda: gateway.status()["deliveries"]["waiting"] == INSTANCES, "only the rejected ones wait", 120)
        yield Outcomes(gateway, targets, deliveries(gateway.data), len(spool_files(gateway.data)))
    for target in targets.values():
        target.stop()


def test_out_of_resources_is_tried_again_until_it_is_taken(outcomes: Outcomes) -> None:
    assert outcomes.reasons("BUSY") == {(State.SENT, "0000H success")}
    assert outcomes.arrived("BUSY") == outcomes.sent("BUSY")
    assert len(outcomes.arrived("BUSY")) == INSTANCES
    assert sum(each.attempts for each in outcomes.of("BUSY")) > 0


@pytest.mark.parametrize(
    "name, reason",
    [
        ("MISMATCH", "A900H dataset does not match SOP class"),
        ("CONFUSED", "C000H cannot understand"),
        ("NOCLASS", "0122H SOP class not supported"),
    ],
)
def test_what_is_refused_for_good_fails_with_the_answer_and_is_sent_once(
    outcomes: Outcomes, name: str, reason: str
) -> None:
    assert outcomes.reasons(name) == {(State.FAILED, reason)}
    assert outcomes.receivers[name].requests == INSTANCES


def test_a_warning_counts_as_delivered_and_is_recorded(outcomes: Outcomes) -> None:
    assert outcomes.reasons("COERCING") == {(State.SENT, "B000H stored, coercion of data elements")}
    assert outcomes.receivers["COERCING"].requests == INSTANCES


def test_what_the_receiver_has_already_is_not_sent_again(outcomes: Outcomes) -> None:
    assert outcomes.reasons("DUPLICATE") == {(State.ALREADY_PRESENT, "0111H duplicate SOP instance")}
    assert outcomes.receivers["DUPLICATE"].requests == INSTANCES


@pytest.mark.parametrize("name", ["ABORTING", "HANGING"])
def test_all_arrives_at_a_receiver_that_aborts_or_hangs_now_and_then(outcomes: Outcomes, name: str) -> None:
    assert outcomes.reasons(name) == {(State.SENT, "0000H success")}
    assert len(outcomes.arrived(name)) == INSTANCES
    assert outcomes.arrived(name) == outcomes.sent(name)


def test_an_instance_that_breaks_every_association_fails_at_last_with_the_reason(outcomes: Outcomes) -> None:
    ((state, reason),) = outcomes.reasons("GONE")
    assert state is State.FAILED
    assert reason.startswith("gave up after 10 attempts: the peer ended the association")


def test_what_a_receiver_rejects_waits_with_the_reason_in_the_log_and_arrives_when_it_accepts(
    outcomes: Outcomes,
) -> None:
    assert set() < {state for state, _ in outcomes.reasons("REJECTING")} <= WAITING
    assert "association rejected permanently: calling AE title not recognized" in outcomes.gateway.log
    target = outcomes.receivers["REJECTING"]
    target.stop()
    target.calling_ae_titles = ()
    target.start()
    outcomes.gateway.settled()
    assert len(outcomes.arrived("REJECTING")) == INSTANCES


def test_files_are_kept_for_what_failed_or_waits_and_for_nothing_else(outcomes: Outcomes) -> None:
    unfinished = [each for each in outcomes.deliveries if each.state in WAITING | {State.FAILED}]
    assert outcomes.files_kept == len(unfinished)
