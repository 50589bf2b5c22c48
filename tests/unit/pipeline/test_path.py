from __future__ import annotations

from collections.abc import Iterator

import pytest

from philae.config.configuration import Configuration
from philae.deid.errors import MissingPseudonym
from philae.dicom.scan import MalformedDataset
from philae.pipeline.model import Delivery, Excluded, Settlement
from philae.pipeline.outcome import Busy, Refused, State, TryAgain
from philae.pipeline.path import Preparation, accept, forward
from philae.pipeline.ports import NotRecorded, SpoolFull
from philae.pipeline.route import Unroutable
from philae.pipeline.spool import Unacceptable
from tests.support.fakes import FakeLedger, FakeSpool
from tests.support.instances import NOW, make_incoming
from tests.support.lanes import LANE, WORKER, Bench, ct_dataset, make_destination, make_node

CONFIGURATION = Configuration(version=7)
NODE = make_node(make_destination(1), make_destination(2, enabled=False), make_destination(3))


class Batch:
    """A batch of a bench, forwarded without a lane."""

    def __init__(self, count: int) -> None:
        self.bench = Bench()
        self.bench.accept(count)
        self.deliveries = self.bench.ledger.claim(LANE, WORKER, 32, NOW)
        self.stopping = False
        self.preparation = Preparation(
            self.deliveries, self.bench.spool, self.bench._transform, self.bench.patience, lambda: self.stopping
        )

    def forward(self) -> Iterator[Settlement]:
        return forward(self.preparation, self.bench._connect(), self.bench.patience, NOW)

    def ends(self) -> list[tuple[str, State]]:
        return [(name_of(each.delivery), each.state) for each in self.forward()]

    @property
    def files_open(self) -> int:
        return sum(file.is_open for file in self.bench.spool.opened)


def name_of(delivery: Delivery) -> str:
    return delivery.instance.identifiers.sop_instance_uid


def test_what_was_accepted_is_in_spool_and_ledger_with_one_delivery_per_enabled_destination() -> None:
    spool, ledger = FakeSpool(), FakeLedger()
    draft = spool.draft(make_incoming("1.2.3.4"))
    draft.write([memoryview(ct_dataset("1.2.3.4"))])

    instance = accept(make_incoming("1.2.3.4"), draft, NODE, CONFIGURATION, ledger, NOW)

    assert instance.id == draft.id
    assert instance.size == len(spool.files[draft.id].data)
    assert (instance.node, instance.calling_ae_title, instance.received_at) == ("PHILAE", "CT01", NOW)
    assert ledger.known([draft.id]) == {draft.id}
    assert {number: sum(states.values()) for number, states in ledger.counts().by_destination.items()} == {1: 1, 3: 1}


def test_bytes_are_durable_before_the_ledger_hears_of_them() -> None:
    spool, happened = FakeSpool(), []
    draft = spool.draft(make_incoming("1.2.3.4"))
    draft.write([memoryview(ct_dataset("1.2.3.4"))])
    keep = draft.keep
    draft.keep = lambda: (happened.append("keep"), keep())[1]  # type: ignore[method-assign, func-returns-value]

    class Ledger(FakeLedger):
        def open(self, *_: object) -> None:
            happened.append("open")

    accept(make_incoming("1.2.3.4"), draft, NODE, CONFIGURATION, Ledger(), NOW)

    assert happened == ["keep", "open"]


def test_an_unacceptable_instance_never_reaches_the_ledger() -> None:
    spool, ledger = FakeSpool(), FakeLedger()
    draft = spool.draft(make_incoming("1.2.3.4"))
    draft.write([memoryview(ct_dataset("9.9.9"))])

    with pytest.raises(Unacceptable):
        accept(make_incoming("1.2.3.4"), draft, NODE, CONFIGURATION, ledger, NOW)

    assert ledger.counts().accepted == 0


@pytest.mark.parametrize("refusal", [SpoolFull("full"), NotRecorded("gone")])
def test_what_spool_or_ledger_refuse_is_not_accepted(refusal: Exception) -> None:
    spool, ledger = FakeSpool(), FakeLedger()
    draft = spool.draft(make_incoming("1.2.3.4"))
    draft.write([memoryview(ct_dataset("1.2.3.4"))])

    def refuse(*_: object) -> None:
        raise refusal

    if isinstance(refusal, SpoolFull):
        draft.keep = refuse  # type: ignore[assignment, method-assign]
    else:
        ledger.open = refuse  # type: ignore[assignment, method-assign]

    with pytest.raises(type(refusal)):
        accept(make_incoming("1.2.3.4"), draft, NODE, CONFIGURATION, ledger, NOW)

    assert ledger.counts().accepted == 0


def test_a_batch_goes_out_in_order() -> None:
    batch = Batch(4)

    assert batch.ends() == [(name, State.SENT) for name in "1234"]
    assert batch.files_open == 0


def test_the_next_instance_is_prepared_before_the_last_answer_is_read() -> None:
    batch = Batch(2)

    batch.ends()

    log = batch.bench.log
    assert log.index("send 1") < log.index("prepare 2") < log.index("answer 1") < log.index("send 2")


def test_at_most_two_files_are_open() -> None:
    batch = Batch(6)
    highest = 0

    for _ in batch.forward():
        highest = max(highest, batch.files_open)

    assert highest <= 2
    assert batch.files_open == 0


def test_a_transient_answer_ends_the_batch_and_leaves_the_rest_untried() -> None:
    batch = Batch(4)
    batch.bench.answers["2"] = TryAgain("A700H refused, out of resources")

    ends = batch.ends()

    assert ends == [("1", State.SENT), ("2", State.QUEUED)]
    assert "send 3" not in batch.bench.log
    assert batch.files_open == 0


def test_a_refusal_fails_one_instance_and_the_rest_goes_on() -> None:
    batch = Batch(3)
    batch.bench.answers["2"] = Refused("C000H cannot understand")

    settlements = list(batch.forward())

    assert [each.state for each in settlements] == [State.SENT, State.FAILED, State.SENT]
    assert settlements[1].detail == "C000H cannot understand"


@pytest.mark.parametrize(
    "fault, state, reason",
    [
        (MissingPseudonym("attribute (0010,0020) holds no pseudonym"), State.HELD, "holds no pseudonym"),
        (MalformedDataset("its length leads beyond the end", 77), State.HELD, "offset 77"),
        (Unroutable("no destination 9"), State.HELD, "no destination 9"),
        (Excluded("not a CT"), State.EXCLUDED, "not a CT"),
    ],
)
@pytest.mark.parametrize("position", ["1", "2", "3"])
def test_what_cannot_or_shall_not_go_out_keeps_nothing_else_back(
    fault: Exception | Excluded, state: State, reason: str, position: str
) -> None:
    batch = Batch(3)
    batch.bench.faults[position] = fault

    settlements = {name_of(each.delivery): each for each in batch.forward()}

    assert {name: each.state for name, each in settlements.items()} == {
        name: state if name == position else State.SENT for name in "123"
    }
    assert reason in settlements[position].detail
    assert batch.files_open == 0


def test_what_cannot_be_prepared_now_waits_alone_and_no_one_else_for_it() -> None:
    batch = Batch(3)
    batch.bench.faults["2"] = Busy("the web service did not answer in time")

    settled = {name_of(each.delivery): each for each in batch.forward()}

    assert [settled[name].state for name in "123"] == [State.SENT, State.QUEUED, State.SENT]
    assert settled["2"].not_before is not None
    assert settled["2"].detail == "the web service did not answer in time"


def test_a_batch_of_which_nothing_goes_out_is_settled_without_a_word_to_the_receiver() -> None:
    batch = Batch(3)
    batch.bench.faults = dict.fromkeys("123", Excluded("not wanted"))

    assert batch.ends() == [(name, State.EXCLUDED) for name in "123"]
    assert not any(each.startswith("send") for each in batch.bench.log)


def test_an_instance_whose_bytes_are_gone_is_held() -> None:
    batch = Batch(2)
    batch.bench.spool.drop([batch.deliveries[0].instance.id])

    assert batch.ends() == [("1", State.HELD), ("2", State.SENT)]


def test_told_to_stop_it_finishes_what_is_in_hand_and_starts_nothing() -> None:
    batch = Batch(4)
    settlements = batch.forward()

    first = next(settlements)
    batch.stopping = True
    rest = list(settlements)

    assert [name_of(each.delivery) for each in (first, *rest)] == ["1", "2"]
    assert batch.files_open == 0


def test_an_unexpected_fault_while_preparing_names_its_instance_and_closes_every_file() -> None:
    batch = Batch(3)
    batch.bench.faults["2"] = ZeroDivisionError("boom")

    with pytest.raises(ZeroDivisionError):
        list(batch.forward())

    assert batch.preparation.in_hand == batch.deliveries[1]
    assert batch.files_open == 0


def test_a_receiver_that_breaks_off_unexpectedly_leaves_no_file_open() -> None:
    batch = Batch(3)
    batch.bench.answers["1"] = ZeroDivisionError("boom")

    with pytest.raises(ZeroDivisionError):
        list(batch.forward())

    assert batch.preparation.in_hand is None
    assert batch.files_open == 0


def test_wanted_names_each_pair_of_class_and_syntax_once() -> None:
    batch = Batch(5)

    assert batch.preparation.wanted == {("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1")}
