"""What every destination promises, checked on each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest

from philae.config.tls import ClientTls
from philae.destinations.folder import FolderSender, FolderSettings
from philae.destinations.s3 import S3Settings, s3_sender
from philae.destinations.sftp import SftpSettings, sftp_sender
from philae.destinations.stow import StowSender, StowSettings
from philae.pipeline.model import Outgoing
from philae.pipeline.outcome import DELIVERED, TryAgain
from philae.pipeline.ports import Sender
from tests.support.archives import DICOM_WEB, Orthanc
from tests.support.buckets import Bucket, bucket
from tests.support.gateway import free_port
from tests.support.lanes import ct_dataset, make_node, outgoing_of
from tests.support.listening import Certificates, certificates
from tests.support.receivers import Receiver, delivered, receiving, sender_to
from tests.support.sshd import Sshd


@dataclass
class Target:
    """A destination, what it has and a sender to one that cannot be reached."""

    sender: Sender
    has: Callable[[], dict[str, bytes]]
    unreachable: Sender


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with Orthanc(tmp_path_factory.mktemp("orthanc"), plugins=(DICOM_WEB,)) as running:
        yield running


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture(scope="module")
def s3_server() -> Iterator[Bucket]:
    with bucket() as running:
        yield running


@pytest.fixture(params=["folder", "dicom", "dicom over tls", "stow", "sftp", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    makers: dict[str, Callable[[], Target]] = {
        "folder": lambda: folder(tmp_path),
        "dicom": lambda: dicom(stack),
        "dicom over tls": lambda: dicom(stack, certificates(tmp_path)),
        "sftp": lambda: sftp(request.getfixturevalue("sshd"), tmp_path / "out"),
        "s3": lambda: s3(request.getfixturevalue("s3_server")),
        "stow": lambda: stow(request.getfixturevalue("orthanc"), tmp_path),
    }
    with ExitStack() as stack:
        target = makers[request.param]()
        stack.callback(target.unreachable.close)
        stack.callback(target.sender.close)
        yield target


def folder(path: Path) -> Target:
    (path / "a file").touch()
    return Target(
        FolderSender(FolderSettings(path=path / "out"), make_node()),
        lambda: instances_in(each for each in (path / "out").rglob("*") if each.is_file()),
        FolderSender(FolderSettings(path=path / "a file" / "below"), make_node()),
    )


def instances_in(files: Iterable[Path]) -> dict[str, bytes]:
    return {pydicom.dcmread(each).SOPInstanceUID: dataset_of(each.read_bytes()) for each in files}


def dataset_of(file: bytes) -> bytes:
    from philae.dicom.part10 import read_meta

    return file[read_meta(file).dataset_offset :]


def dicom(stack: ExitStack, keys: Certificates | None = None) -> Target:
    receiver = Receiver()
    port = stack.enter_context(receiving(receiver, tls=keys.server if keys else None))
    tls = ClientTls.model_validate(keys.settings) if keys else None
    return Target(
        stack.enter_context(sender_to(port, tls=tls)),
        lambda: {each.request.sop_instance_uid: bytes(each.data) for each in receiver.instances},
        stack.enter_context(sender_to(free_port(), tls=tls)),
    )


def stow(orthanc: Orthanc, folder: Path) -> Target:
    orthanc.empty()
    return Target(
        StowSender(StowSettings(url=orthanc.dicom_web_url), make_node()),
        lambda: instances_in(orthanc.fetch(folder / "fetched")),
        StowSender(StowSettings(url=f"http://127.0.0.1:{free_port()}"), make_node()),
    )


def sftp(sshd: Sshd, folder: Path) -> Target:
    def sender(**changes: Any) -> Sender:
        return sftp_sender(SftpSettings.model_validate(sshd.settings(folder, **changes)), make_node())

    return Target(
        sender(),
        lambda: instances_in(each for each in folder.rglob("*") if each.is_file()),
        sender(port=free_port()),
    )


def s3(server: Bucket) -> Target:
    server.reset()
    nowhere = f"http://127.0.0.1:{free_port()}"
    return Target(
        s3_sender(S3Settings.model_validate(server.settings()), make_node()),
        lambda: {pydicom.dcmread(BytesIO(each)).SOPInstanceUID: dataset_of(each) for each in server.objects().values()},
        s3_sender(S3Settings.model_validate(server.settings(endpoint=nowhere)), make_node()),
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
