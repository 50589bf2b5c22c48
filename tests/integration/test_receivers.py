"""Delivery by C-STORE to receivers that misbehave in every way that is known."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from philae.deid.pixels.cleaning import transcoded
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE, TransferSyntax, transfer_syntax
from philae.dimse.commands import Status
from philae.dimse.limits import Limits
from philae.dimse.rejection import CONGESTION, UNKNOWN_CALLED_AE, Rejection
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import Busy, Refused, State, TryAgain
from philae.store.spool import FolderSpool
from tests.support.images import COLOUR, dataset, image_of, native_pixels, pixels, written
from tests.support.instances import CT, make_incoming
from tests.support.lanes import as_it_is, ct_dataset, outgoing_of
from tests.support.listening import storescp
from tests.support.receivers import Receiver, choosy, delivered, receiving, sender_to

JPEG = "1.2.840.10008.1.2.4.70"
JPEG_2000, MPEG_4 = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.102"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def some(count: int, first: int = 1) -> list[Outgoing]:
    return [outgoing_of(number, ct_dataset(f"1.2.3.{number}")) for number in range(first, first + count)]


def test_a700_to_every_third_instance_is_tried_again_and_the_others_are_sent() -> None:
    receiver = Receiver(answer=lambda number: Status(0 if number % 3 else 0xA700, "disk full" * (number % 3 == 0)))

    with receiving(receiver) as port, sender_to(port) as sender:
        answers = delivered(sender, *some(6))

    assert [type(each) for each in answers] == [Receipt, Receipt, Busy] * 2
    assert str(answers[2]) == "A700H refused, out of resources: disk full"
    assert receiver.endings == ["released"]


def test_a_receiver_that_grants_a_window_is_sent_several_instances_ahead_and_each_has_its_answer() -> None:
    receiver = Receiver(answer=lambda number: Status(0xA900 if number == 5 else 0, "why"))

    with receiving(receiver) as port, sender_to(port, operations=8) as sender:
        answers = delivered(sender, *some(20))

    assert [number for number, each in enumerate(answers, 1) if isinstance(each, Refused)] == [5]
    assert len(receiver.stored) == 19
    assert receiver.endings == ["released"]


@pytest.mark.parametrize(
    "code, expected",
    [
        (0xA900, Refused("A900H dataset does not match SOP class: why")),
        (0xC000, Refused("C000H cannot understand: why")),
        (0xB000, Receipt(State.SENT, "B000H stored, coercion of data elements: why", "B000H")),
        (0x0111, Receipt(State.ALREADY_PRESENT, "0111H duplicate SOP instance: why", "0111H")),
    ],
)
def test_the_status_of_every_instance_decides(code: int, expected: Receipt | Refused) -> None:
    with receiving(Receiver(answer=lambda _: Status(code, "why"))) as port, sender_to(port) as sender:
        (answer,) = delivered(sender, *some(1))

    assert type(answer) is type(expected)
    assert str(answer) == str(expected)


def test_an_abort_in_mid_transfer_is_tried_again_over_a_new_association() -> None:
    receiver = Receiver(answer=lambda number: "abort" if number == 2 else Status(0))

    with receiving(receiver) as port, sender_to(port) as sender:
        large = outgoing_of(2, ct_dataset("1.2.3.2", pixels=bytes(20 << 20)))
        answers = delivered(sender, *some(1), large, *some(1, first=3))

    assert [type(each) for each in answers] == [Receipt, TryAgain, Receipt]
    assert "abort" in str(answers[1]).lower()
    assert receiver.stored == ["1.2.3.1", "1.2.3.3"]
    assert len(receiver.requests) == 2


def test_a_receiver_that_hangs_is_given_up_after_the_response_timeout() -> None:
    receiver = Receiver(answer=lambda _: "hang")

    with receiving(receiver) as port, sender_to(port, response_timeout_s=0.05) as sender:
        (answer,) = delivered(sender, *some(1))

    assert isinstance(answer, TryAgain)
    assert "0.05 s" in str(answer)


@pytest.mark.parametrize(
    "rejection, words",
    [(UNKNOWN_CALLED_AE, "permanently: called AE title not recognized"), (CONGESTION, "for now: temporary congestion")],
)
def test_a_rejected_association_blames_no_instance(rejection: Rejection, words: str) -> None:
    with (
        receiving(Receiver(rejection=rejection)) as port,
        sender_to(port) as sender,
        pytest.raises(TryAgain, match=words),
    ):
        delivered(sender, *some(2))


def test_a_receiver_of_implicit_vr_only_gets_implicit_vr() -> None:
    dataset = ct_dataset("1.2.3.1", pixels=bytes(range(256)) * 64)

    with choosy({CT: [IMPLICIT_LE.uid]}) as (port, got), sender_to(port) as sender:
        answers = delivered(sender, outgoing_of(1, dataset), *some(1, first=2))

    assert [getattr(each, "state", each) for each in answers] == [State.SENT] * 2
    uid, syntax, received = got[0]
    assert (uid, syntax) == ("1.2.3.1", IMPLICIT_LE.uid)
    sent = pydicom.filereader.read_dataset(BytesIO(dataset), False, True)
    assert pydicom.filereader.read_dataset(BytesIO(received), True, True) == sent


def test_a_receiver_of_explicit_vr_only_gets_explicit_vr() -> None:
    outgoing = outgoing_of(1, ct_dataset("1.2.3.1", IMPLICIT_LE), IMPLICIT_LE.uid)

    with choosy({CT: [EXPLICIT_LE.uid]}) as (port, got), sender_to(port) as sender:
        answers = delivered(sender, outgoing)

    assert [getattr(each, "state", each) for each in answers] == [State.SENT]
    assert got == [("1.2.3.1", EXPLICIT_LE.uid, ct_dataset("1.2.3.1"))]


def test_dcmtk_that_takes_implicit_vr_only_stores_what_it_gets(tmp_path: Path) -> None:
    with storescp(tmp_path / "in", "+xi") as port, sender_to(port) as sender:
        answers = delivered(sender, *some(3))

    assert [getattr(each, "state", each) for each in answers] == [State.SENT] * 3
    assert {pydicom.dcmread(each).SOPInstanceUID for each in (tmp_path / "in").iterdir()} == {
        "1.2.3.1",
        "1.2.3.2",
        "1.2.3.3",
    }


def test_a_damaged_instance_that_would_have_to_be_recoded_is_failed_and_the_rest_goes_on() -> None:
    damaged = outgoing_of(1, ct_dataset("1.2.3.1")[:-1])

    with choosy({CT: [IMPLICIT_LE.uid]}) as (port, _), sender_to(port) as sender:
        answers = delivered(sender, damaged, *some(1, first=2))

    assert isinstance(answers[0], Refused)
    assert "cannot be written in Implicit VR Little Endian" in str(answers[0])
    assert isinstance(answers[1], Receipt)


@pytest.mark.parametrize("taken", [EXPLICIT_LE, IMPLICIT_LE], ids=lambda syntax: syntax.name)
def test_a_receiver_that_takes_only_native_images_gets_them_decoded(taken: TransferSyntax) -> None:
    change = transcoded(image_of(dataset(COLOUR, pixels(COLOUR, frames=3))), transfer_syntax(JPEG_2000))
    dataset_bytes = written(change)

    with choosy({CAPTURE: [taken.uid]}) as (port, got), sender_to(port) as sender:
        (answer,) = delivered(sender, outgoing_of(1, dataset_bytes, JPEG_2000))

    assert isinstance(answer, Receipt)
    assert "decoded, since it does not accept JPEG 2000" in answer.detail
    ((_, syntax, received),) = got
    found = pydicom.filereader.read_dataset(BytesIO(received), taken.implicit, True)
    assert syntax == taken.uid
    assert found.PhotometricInterpretation == "RGB"
    assert (native_pixels(found) == pixels(COLOUR, frames=3)).all()


def test_a_compressed_instance_goes_out_as_it_is_where_that_is_taken() -> None:
    dataset_bytes = written(transcoded(image_of(dataset(COLOUR, pixels(COLOUR))), transfer_syntax(JPEG_2000)))

    with choosy({CAPTURE: [EXPLICIT_LE.uid, JPEG_2000]}) as (port, got), sender_to(port) as sender:
        (answer,) = delivered(sender, outgoing_of(1, dataset_bytes, JPEG_2000))

    assert isinstance(answer, Receipt)
    assert "decoded" not in answer.detail
    assert [each[1:] for each in got] == [(JPEG_2000, dataset_bytes)]


@pytest.mark.parametrize("syntax, name", [(JPEG, "JPEG Lossless"), (MPEG_4, "MPEG-4")])
def test_what_cannot_be_decoded_is_refused_where_only_native_is_taken(syntax: str, name: str) -> None:
    with choosy({CT: [EXPLICIT_LE.uid, IMPLICIT_LE.uid]}) as (port, got), sender_to(port) as sender:
        (answer,) = delivered(sender, outgoing_of(1, ct_dataset("1.2.3.1"), syntax))

    assert isinstance(answer, Refused)
    assert name in str(answer)
    assert not got


def test_a_class_that_the_receiver_does_not_take_is_refused_and_others_go_on() -> None:
    capture = outgoing_of(2, ct_dataset("1.2.3.2", sop_class=CAPTURE))

    with choosy({CT: [EXPLICIT_LE.uid]}) as (port, got), sender_to(port) as sender:
        answers = delivered(sender, *some(1), capture, *some(1, first=3))

    assert [type(each) for each in answers] == [Receipt, Refused, Receipt]
    assert "ARCHIVE accepts no presentation context for 1.2.840.10008.5.1.4.1.1.7" in str(answers[1])
    assert [each[0] for each in got] == ["1.2.3.1", "1.2.3.3"]


def test_a_receiver_that_takes_nothing_at_all_refuses_each_instance() -> None:
    with choosy({CAPTURE: [EXPLICIT_LE.uid]}) as (port, _), sender_to(port) as sender:
        answers = delivered(sender, *some(2))

    assert [type(each) for each in answers] == [Refused, Refused]


def test_forty_classes_in_five_syntaxes_go_through_one_destination() -> None:
    syntaxes = [EXPLICIT_LE.uid, IMPLICIT_LE.uid, JPEG, "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90"]
    outgoings = [
        outgoing_of(
            number,
            ct_dataset(f"1.2.3.{number}", IMPLICIT_LE if uid == IMPLICIT_LE.uid else EXPLICIT_LE, sop_class=f"1.9.{c}"),
            uid,
        )
        for number, (c, uid) in enumerate(((c, uid) for c in range(1, 41) for uid in syntaxes), start=1)
    ]
    receiver = Receiver()

    with receiving(receiver) as port, sender_to(port) as sender:
        answers = delivered(sender, *outgoings)

    assert [getattr(each, "state", each) for each in answers] == [State.SENT] * 200
    assert receiver.stored == [each.sop_instance_uid for each in outgoings]
    assert [each.request.transfer_syntax_uid for each in receiver.instances] == [
        each.transfer_syntax_uid for each in outgoings
    ]
    assert all(len(each.contexts) <= 128 for each in receiver.requests)


def test_an_idle_association_that_the_receiver_closed_costs_no_attempt() -> None:
    receiver = Receiver()

    with receiving(receiver, limits=Limits(idle_s=0.01)) as port, sender_to(port) as sender:
        first = delivered(sender, *some(1))
        while not receiver.endings:
            time.sleep(0.005)
        second = delivered(sender, *some(1, first=2))

    assert [getattr(each, "state", each) for each in (*first, *second)] == [State.SENT] * 2


def test_a_receiver_that_restarts_between_batches_costs_no_attempt() -> None:
    before, after = Receiver(), Receiver()

    with receiving(before) as port, sender_to(port) as sender:
        delivered(sender, *some(1))
    with receiving(after, port=port):
        answers = delivered(sender, *some(2, first=2))
        sender.close()

    assert [getattr(each, "state", each) for each in answers] == [State.SENT] * 2
    assert (before.stored, after.stored) == (["1.2.3.1"], ["1.2.3.2", "1.2.3.3"])


def test_a_receiver_that_is_away_is_unreachable_and_then_reachable_again() -> None:
    with receiving(Receiver()) as port, sender_to(port) as sender:
        delivered(sender, *some(1))
    with pytest.raises(TryAgain, match=r"cannot connect to 127\.0\.0\.1"):
        delivered(sender, *some(1, first=2))
    with receiving(Receiver(), port=port):
        answers = delivered(sender, *some(1, first=2))
        sender.close()

    assert [getattr(each, "state", each) for each in answers] == [State.SENT]


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE])
def test_a_large_instance_from_a_real_spool_arrives_byte_for_byte(tmp_path: Path, syntax: object) -> None:
    spool, dataset = FolderSpool(tmp_path), ct_dataset("1.2.3.1", pixels=bytes(range(256)) * (40 << 10))
    draft = spool.draft(make_incoming("1.2.3.1"))
    draft.write([memoryview(dataset)])
    draft.keep()
    template = outgoing_of(draft.id, dataset)
    outgoing = as_it_is(template.delivery, spool.open(template.delivery.instance))

    with choosy({CT: [syntax.uid]}) as (port, got), sender_to(port) as sender:  # type: ignore[attr-defined]
        delivered(sender, outgoing)
    outgoing.body.file.close()

    expected = ct_dataset("1.2.3.1", syntax, pixels=bytes(range(256)) * (40 << 10))  # type: ignore[arg-type]
    assert [each[2] for each in got] == [expected]
