from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from philae.config.tls import ClientTls
from philae.destinations.dicom import DicomSender, DicomSettings
from philae.destinations.dicom.contexts import MAX_CONTEXTS, limited, proposals
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE
from philae.dimse.errors import AssociationAborted, AssociationRejected, ConnectFailed, DimseError, Timeout
from philae.dimse.items import OperationsWindow
from philae.dimse.requestor import Address, Association, ProposedContext, StoreResponse
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import Refused, State, TryAgain
from tests.support.lanes import ANSWER, ct_dataset, make_node, outgoing_of
from tests.support.receivers import delivered

JPEG = "1.2.840.10008.1.2.4.70"
pairs = st.tuples(st.integers(1, 60).map("1.2.{}".format), st.sampled_from([EXPLICIT_LE.uid, IMPLICIT_LE.uid, JPEG]))


class FakeAssociation:
    """Accepts everything and answers from a list; ``answers_last_first`` what is under way."""

    answers_last_first = False

    def __init__(
        self,
        proposed: Sequence[ProposedContext],
        answers: deque[int | DimseError],
        window: OperationsWindow | None = None,
    ) -> None:
        self.window = window
        self.under_way: list[int] = []
        self.most = 0
        self.proposed = [(each.abstract_syntax, each.transfer_syntaxes[0]) for each in proposed]
        self.is_open = True
        self.ending = ""
        self.sent: list[str] = []
        self._answers = answers

    def context_for(self, sop_class_uid: str, transfer_syntax_uid: str) -> int | None:
        return self.proposed.index((sop_class_uid, transfer_syntax_uid)) * 2 + 1

    def send_store(self, context_id: int, _class: str, uid: str, segments: Iterable[bytes], *, length: int) -> int:
        assert sum(map(len, segments)) == length
        self.sent.append(uid)
        self.under_way.append(len(self.sent))
        self.most = max(self.most, len(self.under_way))
        return len(self.sent)

    def store_response(self) -> StoreResponse:
        answer = self._answers.popleft() if self._answers else 0
        if isinstance(answer, DimseError):
            self.is_open = False
            raise answer
        number = self.under_way.pop(-1 if self.answers_last_first else 0)
        return StoreResponse(number, answer, f"says why {number}" if self.window else "says why")

    def release(self) -> None:
        self.is_open, self.ending = False, "released"

    def abort(self) -> None:
        self.is_open, self.ending = False, "aborted"


class Network:
    """Every association that was opened."""

    def __init__(self) -> None:
        self.associations: list[FakeAssociation] = []
        self.addresses: list[Address] = []
        self.answers: deque[int | DimseError] = deque()
        self.refusals: deque[DimseError] = deque()
        self.granted: OperationsWindow | None = None
        self.wanted: list[OperationsWindow | None] = []

    def connect(
        self, address: Address, contexts: Sequence[ProposedContext], *, window: OperationsWindow | None
    ) -> FakeAssociation:
        self.addresses.append(address)
        if self.refusals:
            raise self.refusals.popleft()
        self.wanted.append(window)
        self.associations.append(FakeAssociation(contexts, self.answers, self.granted))
        return self.associations[-1]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network()
    monkeypatch.setattr(Association, "connect", network.connect)
    return network


def sender(**settings: Any) -> DicomSender:
    return DicomSender(DicomSettings(ae_title="ARCHIVE", hostname="archive", port=104, **settings), make_node())


def send(network: Network, *answers: int | DimseError) -> list[ANSWER]:
    network.answers += answers
    return delivered(sender(), *(outgoing_of(number, ct_dataset(f"1.2.{number}")) for number in range(len(answers))))


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({}, "PHILAE"),
        ({"calling": "destination"}, "ARCHIVE"),
        ({"calling": "sender"}, "CT01"),
        ({"calling_ae_title": "FIXED"}, "FIXED"),
    ],
)
def test_the_gateway_calls_itself_what_the_settings_say(
    network: Network, settings: dict[str, Any], expected: str
) -> None:
    delivered(sender(**settings), outgoing_of(1, ct_dataset()))

    assert [address.calling_ae_title for address in network.addresses] == [expected]


def test_instances_of_another_sender_go_over_another_association_when_its_name_is_passed_on(network: Network) -> None:
    one, two = outgoing_of(1, ct_dataset("1.2.1")), outgoing_of(2, ct_dataset("1.2.2"))
    other = replace(two, delivery=replace(two.delivery, instance=replace(two.delivery.instance, calling_ae_title="MR")))

    answers = delivered(sender(calling="sender"), one, other)

    assert [address.calling_ae_title for address in network.addresses] == ["CT01", "MR"]
    assert [association.sent for association in network.associations] == [["1.2.1"], ["1.2.2"]]
    assert all(isinstance(each, Receipt) for each in answers)


def test_two_ways_to_name_oneself_are_refused() -> None:
    with pytest.raises(ValidationError, match="give one of them"):
        sender(calling="sender", calling_ae_title="FIXED")


def test_a_certificate_that_cannot_be_used_stops_the_destination(tmp_path: Path) -> None:
    with pytest.raises(TryAgain, match="nowhere"):
        sender(tls=ClientTls(authority=tmp_path / "nowhere"))


@pytest.mark.parametrize(
    "status, state, words",
    [
        (0x0000, State.SENT, "0000H success: says why"),
        (0xB000, State.SENT, "B000H stored, coercion of data elements: says why"),
        (0xB007, State.SENT, "B007H stored, dataset does not match SOP class: says why"),
        (0x0111, State.ALREADY_PRESENT, "0111H duplicate SOP instance: says why"),
    ],
)
def test_what_the_receiver_has_is_delivered_in_its_own_words(
    network: Network, status: int, state: State, words: str
) -> None:
    assert send(network, status) == [Receipt(state, words, f"{status:04X}H")]


def test_what_the_receiver_has_is_still_to_be_committed_where_it_is_asked_to(network: Network) -> None:
    network.answers += [0x0000, 0x0111, 0xC000]

    answers = delivered(
        sender(storage_commitment=True), *(outgoing_of(number, ct_dataset(f"1.2.{number}")) for number in range(3))
    )

    assert [getattr(each, "is_uncommitted", None) for each in answers] == [True, True, None]


@pytest.mark.parametrize("status", [0xA700, 0xA701, 0x0110, 0x0213])
def test_a_receiver_short_of_resources_is_tried_again(network: Network, status: int) -> None:
    (answer,) = send(network, status)

    assert isinstance(answer, TryAgain)
    assert str(answer).startswith(f"{status:04X}H ")


@pytest.mark.parametrize("status", [0xA900, 0xC000, 0xC123, 0x0122, 0x0117, 0x0124, 0x4711])
def test_a_receiver_that_does_not_want_an_instance_is_not_asked_again(network: Network, status: int) -> None:
    (answer,) = send(network, status)

    assert isinstance(answer, Refused)
    assert str(answer).startswith(f"{status:04X}H ")


@pytest.mark.parametrize("error", [AssociationAborted("A-ABORT"), Timeout("silent for 120 s")])
def test_an_association_that_breaks_is_left_and_the_instance_tried_again(network: Network, error: DimseError) -> None:
    answers = send(network, 0, error)

    assert isinstance(answers[1], TryAgain)
    assert str(answers[1]) == str(error)
    assert network.associations[0].ending == "aborted"


@pytest.mark.parametrize(
    "error", [ConnectFailed("cannot connect"), AssociationRejected(1, 1, 7, "called AE title not recognized")]
)
def test_without_an_association_nothing_counts_as_tried(network: Network, error: DimseError) -> None:
    network.refusals.append(error)

    with pytest.raises(TryAgain, match=str(error)):
        send(network, 0)


def test_one_association_carries_batch_after_batch(network: Network) -> None:
    one = sender()

    for number in range(3):
        delivered(one, outgoing_of(number, ct_dataset()))
    one.close()

    assert [each.ending for each in network.associations] == ["released"]
    assert len(network.associations[0].sent) == 3


def test_an_association_that_ended_meanwhile_costs_no_attempt(network: Network) -> None:
    one = sender()
    delivered(one, outgoing_of(1, ct_dataset()))
    network.associations[0].is_open = False

    answers = delivered(one, outgoing_of(2, ct_dataset()))

    assert [getattr(each, "state", None) for each in answers] == [State.SENT]
    assert len(network.associations) == 2


def test_classes_that_take_turns_share_one_association_from_the_second_turn_on(network: Network) -> None:
    one = sender()
    ct, capture = outgoing_of(1, ct_dataset()), outgoing_of(2, ct_dataset(sop_class="1.2.840.10008.5.1.4.1.1.7"))

    for each in (ct, capture, ct, capture, ct, capture):
        delivered(one, each)

    assert len(network.associations) == 2


def test_the_forward_node_calls_unless_another_title_is_given(network: Network) -> None:
    delivered(sender(), outgoing_of(1, ct_dataset()))
    delivered(sender(calling_ae_title="OTHER"), outgoing_of(1, ct_dataset()))

    assert [each.calling_ae_title for each in network.addresses] == ["PHILAE", "OTHER"]
    assert network.addresses[0].called_ae_title == "ARCHIVE"


@settings(max_examples=50)
@given(needed=pairs, others=st.lists(pairs, max_size=300))
def test_no_association_proposes_more_than_128_contexts_and_always_the_needed_one(
    needed: tuple[str, str], others: list[tuple[str, str]]
) -> None:
    proposed = limited(needed, others)

    contexts = proposals(proposed)
    assert len(contexts) <= MAX_CONTEXTS
    assert needed in {(each.abstract_syntax, each.transfer_syntaxes[0]) for each in contexts}


@pytest.mark.parametrize("fault", [{"associations": 0}, {"associations": 51}, {"port": 0}, {"hostname": ""}, {"x": 1}])
def test_settings_that_cannot_work_are_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DicomSettings.model_validate({"ae_title": "A", "hostname": "h", "port": 104, **fault})


def test_one_lane_is_one_association() -> None:
    assert DicomSettings(ae_title="A", hostname="h", port=104, associations=7).lanes == 7


def eight() -> list[Outgoing]:
    return [outgoing_of(number, ct_dataset(f"1.2.{number}")) for number in range(1, 9)]


def numbers(answers: Iterable[tuple[Outgoing, ANSWER]]) -> list[int]:
    return [outgoing.delivery.instance.id for outgoing, _ in answers]


def pipelined(sender: DicomSender, outgoings: list[Outgoing]) -> list[tuple[Outgoing, ANSWER]]:
    wanted = {(each.sop_class_uid, each.transfer_syntax_uid) for each in outgoings}
    return list(sender.deliver(wanted, iter(outgoings)))


@pytest.mark.parametrize(
    "granted, most",
    [
        (None, 1),
        (OperationsWindow(1, 1), 1),
        (OperationsWindow(3, 1), 3),
        (OperationsWindow(9, 1), 4),
        (OperationsWindow(0, 1), 4),
    ],
)
def test_no_more_are_under_way_than_is_wanted_and_granted(
    network: Network, granted: OperationsWindow | None, most: int
) -> None:
    network.granted = granted

    answers = pipelined(sender(operations=4), eight())

    assert network.wanted == [OperationsWindow(4, 1)]
    assert network.associations[0].most == most
    assert all(isinstance(answer, Receipt) for _, answer in answers)
    assert numbers(answers) == list(range(1, 9))


def test_nothing_is_asked_for_by_default(network: Network) -> None:
    network.granted = OperationsWindow(8, 1)

    pipelined(sender(), eight())

    assert (network.wanted, network.associations[0].most) == ([None], 1)


def test_each_answer_finds_its_instance_in_whatever_order_they_come(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeAssociation, "answers_last_first", True)
    network.granted = OperationsWindow(4, 1)

    answers = pipelined(sender(operations=4), eight())

    assert sorted(numbers(answers)) == list(range(1, 9))
    assert numbers(answers) != list(range(1, 9))
    said = {outgoing.delivery.instance.id: getattr(answer, "detail", "") for outgoing, answer in answers}
    assert all(words.endswith(f"says why {number}") for number, words in said.items())


def test_what_is_put_off_is_told_after_everything_else_that_was_under_way(network: Network) -> None:
    network.granted = OperationsWindow(4, 1)
    network.answers += [0, 0xA700, 0, 0, 0]
    answers: list[tuple[Outgoing, ANSWER]] = []

    for each in sender(operations=4).deliver([], iter(eight())):
        answers.append(each)
        if isinstance(each[1], TryAgain):
            break

    assert numbers(answers) == [1, 3, 4, 5, 2]
    assert network.associations[0].sent == [f"1.2.{number}" for number in range(1, 6)]
    assert network.associations[0].ending == ""


def test_after_a_break_they_go_one_by_one_until_a_batch_is_through(network: Network) -> None:
    network.granted = OperationsWindow(4, 1)
    network.answers += [0, AssociationAborted("A-ABORT")]
    one = sender(operations=4)

    def batch() -> list[ANSWER]:
        answers = []
        for _, answer in one.deliver([], iter(eight())):
            answers.append(answer)
            if isinstance(answer, TryAgain):
                break
        return answers

    broken, careful = batch(), batch()
    second = network.associations[1]
    most_at_first = second.most
    bold = batch()

    assert [type(each) for each in broken] == [Receipt, TryAgain]
    assert len(careful) == len(bold) == 8
    assert [each.ending for each in network.associations] == ["aborted", ""]
    assert (most_at_first, second.most) == (1, 4)
    assert second.sent[:8] == [f"1.2.{number}" for number in range(1, 9)]


def test_a_batch_that_is_left_in_the_middle_leaves_no_answer_for_the_next(network: Network) -> None:
    network.granted = OperationsWindow(4, 1)
    one = sender(operations=4)

    leaving = one.deliver([], iter(eight()))
    next(leaving)
    leaving.close()  # type: ignore[attr-defined]

    assert network.associations[0].ending == "aborted"
    assert numbers(pipelined(one, eight())) == list(range(1, 9))
