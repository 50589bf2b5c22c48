"""What every destination promises, checked on each kind."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pydicom
import pytest

from philae.destinations.folder import FolderSender, FolderSettings
from philae.pipeline.model import Outgoing
from philae.pipeline.outcome import DELIVERED, TryAgain
from philae.pipeline.ports import Sender
from tests.support.lanes import ct_dataset, make_node, outgoing_of
from tests.support.receivers import Receiver, delivered, receiving, sender_to


@dataclass
class Target:
    """A destination, what it has and a sender to one that cannot be reached."""

    sender: Sender
    has: Callable[[], dict[str, bytes]]
    unreachable: Sender


@pytest.fixture(params=["folder", "dicom"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    with ExitStack() as stack:
        yield folder(tmp_path) if request.param == "folder" else dicom(stack)


def folder(path: Path) -> Target:
    root = path / "out"
    (path / "a file").touch()

    def has() -> dict[str, bytes]:
        files = (each for each in root.rglob("*") if each.is_file())
        return {pydicom.dcmread(each).SOPInstanceUID: dataset_of(each.read_bytes()) for each in files}

    return Target(
        FolderSender(FolderSettings(path=root), make_node()),
        has,
        FolderSender(FolderSettings(path=path / "a file" / "below"), make_node()),
    )


def dataset_of(file: bytes) -> bytes:
    from philae.dicom.part10 import read_meta

    return file[read_meta(file).dataset_offset :]


def dicom(stack: ExitStack) -> Target:
    receiver = Receiver()
    port = stack.enter_context(receiving(receiver))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    return Target(
        stack.enter_context(sender_to(port)),
        lambda: {each.request.sop_instance_uid: bytes(each.data) for each in receiver.instances},
        stack.enter_context(sender_to(nobody)),
    )


def some(count: int) -> list[Outgoing]:
    return [
        outgoing_of(number, ct_dataset(f"1.2.3.{number}", pixels=bytes([number]) * 5000)) for number in range(count)
    ]


def test_everything_arrives_in_order_and_byte_for_byte(target: Target) -> None:
    outgoings = some(5)

    answers = list(target.sender.deliver(set(), iter(outgoings)))

    assert [outgoing for outgoing, _ in answers] == outgoings
    assert target.has() == {each.sop_instance_uid: b"".join(each.body.buffers()) for each in outgoings}


def test_each_instance_gets_a_receipt_in_the_targets_own_words(target: Target) -> None:
    answers = delivered(target.sender, *some(2))

    assert all(not isinstance(each, Exception) and each.state in DELIVERED and each.detail for each in answers)


def test_a_second_batch_goes_over_the_same_sender(target: Target) -> None:
    first, second, third = some(3)

    delivered(target.sender, first)
    delivered(target.sender, second, third)

    assert len(target.has()) == 3


def test_an_empty_batch_is_nothing(target: Target) -> None:
    assert delivered(target.sender) == []
    assert delivered(target.unreachable) == []


def test_a_repeated_delivery_is_a_delivery(target: Target) -> None:
    (outgoing,) = some(1)

    answers = delivered(target.sender, outgoing, outgoing)

    assert all(not isinstance(each, Exception) and each.state in DELIVERED for each in answers)
    assert target.has() == {outgoing.sop_instance_uid: b"".join(outgoing.body.buffers())}


def test_a_target_that_cannot_be_reached_is_said_once_for_all(target: Target) -> None:
    with pytest.raises(TryAgain, match="cannot"):
        delivered(target.unreachable, *some(3))


def test_a_sender_can_be_closed_twice_and_unused(target: Target) -> None:
    target.unreachable.close()
    delivered(target.sender, *some(1))
    target.sender.close()
    target.sender.close()

    assert len(delivered(target.sender, *some(1))) == 1
