"""A destination is out of reach since it was found so, whoever finds it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from philae.app.circuits import Circuits
from philae.config.destination import Destination
from philae.destinations.folder import FolderSettings
from philae.pipeline.circuit import Trouble
from tests.support.fakes import FakeLedger
from tests.support.lanes import AT_ONCE

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def folder(number: int, description: str = "") -> Destination:
    settings = FolderSettings(path=Path("out"))
    return Destination(id=number, name=f"d{number}", description=description, settings=settings)


def test_lanes_of_one_destination_share_a_circuit_and_others_have_their_own() -> None:
    circuits = Circuits(FakeLedger())

    found = [circuits.of(number, folder(number), AT_ONCE) for number in (1, 1, 2)]

    assert found[0] is found[1]
    assert found[0] is not found[2]


def test_a_destination_that_was_out_of_reach_before_the_worker_began_still_is_since_then() -> None:
    ledger = FakeLedger()
    ledger.note_contact(1, Trouble("no route", LONG_AGO, LONG_AGO))
    circuits = Circuits(ledger)
    circuit = circuits.of(1, folder(1), AT_ONCE)
    before = circuits.trouble_of(1)

    circuit.failed("still no route")
    circuits.note()

    trouble = ledger.troubles[1]
    assert before is None
    assert trouble is not None
    assert (trouble.reason, trouble.since) == ("still no route", LONG_AGO)


def test_a_destination_that_is_described_anew_is_out_of_reach_as_long_as_before() -> None:
    ledger = FakeLedger()
    ledger.note_contact(1, Trouble("no route", LONG_AGO, LONG_AGO))
    circuits = Circuits(ledger)
    circuits.of(1, folder(1), AT_ONCE).failed("no route")

    circuits.of(1, folder(1, "described"), AT_ONCE).failed("no route")
    circuits.note()

    assert ledger.down_since(1) == LONG_AGO


def test_one_that_has_answered_in_between_is_out_of_reach_since_now() -> None:
    ledger = FakeLedger()
    ledger.note_contact(1, Trouble("no route", LONG_AGO, LONG_AGO))
    circuits = Circuits(ledger)
    circuit = circuits.of(1, folder(1), AT_ONCE)
    circuit.succeeded()
    circuits.note()
    after_the_answer = ledger.down_since(1)

    circuit.failed("gone again")
    circuits.note()

    since = ledger.down_since(1)
    assert after_the_answer is None
    assert since is not None
    assert since > LONG_AGO


def test_nothing_is_said_of_a_destination_that_nobody_tried() -> None:
    ledger = FakeLedger()
    circuits = Circuits(ledger)
    circuits.of(1, folder(1), AT_ONCE)

    circuits.note()

    assert ledger.troubles == {}
