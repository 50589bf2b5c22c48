"""Delivery by SFTP to OpenSSH's server, and to servers that are not what they should be."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import asyncssh
import pytest

from philae.destinations.sftp import SftpSettings, sftp_sender
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import State, TryAgain
from philae.pipeline.ports import Sender
from tests.support.documents import document, node, to_sftp
from tests.support.gateway import Gateway
from tests.support.lanes import ANSWER, ct_dataset, make_node, outgoing_of
from tests.support.receivers import delivered
from tests.support.scans import assert_deidentified, scans
from tests.support.senders import finished, storescu
from tests.support.sshd import Sshd


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@contextmanager
def sender_to(settings: dict[str, Any]) -> Iterator[Sender]:
    sender = sftp_sender(SftpSettings.model_validate(settings), make_node())
    try:
        yield sender
    finally:
        sender.close()


def sent(settings: dict[str, Any], *outgoings: Outgoing) -> list[ANSWER]:
    with sender_to(settings) as sender:
        return delivered(sender, *outgoings)


def some(count: int) -> list[Outgoing]:
    return [outgoing_of(number, ct_dataset(f"1.2.3.{number}")) for number in range(count)]


def files(root: Path) -> list[str]:
    return sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())


def test_other_bytes_get_another_name_and_the_same_bytes_are_already_present(sshd: Sshd, tmp_path: Path) -> None:
    first, second = (outgoing_of(number, ct_dataset(pixels=bytes([number]) * 64)) for number in (1, 2))

    answers = sent(sshd.settings(tmp_path), first, second, second)

    assert answers == [
        Receipt(State.SENT, "1.2/1.2.3/1.2.3.4.dcm"),
        Receipt(State.SENT, "1.2/1.2.3/1.2.3.4.2.dcm"),
        Receipt(State.ALREADY_PRESENT, "1.2/1.2.3/1.2.3.4.2.dcm"),
    ]
    assert files(tmp_path) == ["1.2/1.2.3/1.2.3.4.2.dcm", "1.2/1.2.3/1.2.3.4.dcm"]


def test_a_large_instance_arrives_whole(sshd: Sshd, tmp_path: Path) -> None:
    large = outgoing_of(1, ct_dataset(pixels=bytes(range(256)) * (1 << 16)))

    sent(sshd.settings(tmp_path), large)

    assert (tmp_path / "1.2/1.2.3/1.2.3.4.dcm").read_bytes().endswith(b"".join(large.body.buffers()))


def test_what_an_attempt_left_half_written_is_written_anew(sshd: Sshd, tmp_path: Path) -> None:
    left = tmp_path / "1.2/1.2.3/.0-1.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half" * 10_000)

    sent(sshd.settings(tmp_path), *some(1))

    assert files(tmp_path) == ["1.2/1.2.3/1.2.3.0.dcm"]


def test_the_marker_appears_in_every_folder_when_all_of_it_is_there(sshd: Sshd, tmp_path: Path) -> None:
    one, other = outgoing_of(1, ct_dataset("1.1", series="1.2.1")), outgoing_of(2, ct_dataset("1.2", series="1.2.2"))
    with sender_to(sshd.settings(tmp_path, marker=".complete")) as sender:
        seen = [
            [name for name in files(tmp_path) if name.endswith(".complete")]
            for _ in sender.deliver(set(), iter([one, other]))
        ]

    assert seen == [[], ["1.2/1.2.1/.complete", "1.2/1.2.2/.complete"]]


def test_names_that_fit_an_exclusion_pattern_are_not_sent(sshd: Sshd, tmp_path: Path) -> None:
    answers = sent(sshd.settings(tmp_path, exclude="*.txt, 1.2.3.1*, 9/*"), *some(3))

    assert [each.state for each in answers if isinstance(each, Receipt)] == [State.SENT, State.EXCLUDED, State.SENT]
    assert files(tmp_path) == ["1.2/1.2.3/1.2.3.0.dcm", "1.2/1.2.3/1.2.3.2.dcm"]


def test_a_server_with_another_key_is_told_nothing(sshd: Sshd, tmp_path: Path) -> None:
    settings = sshd.settings(tmp_path, host_key=(sshd.folder / "stranger.pub").read_text())

    with pytest.raises(TryAgain, match="another key than host_key"):
        sent(settings, *some(1))


def test_a_key_that_the_server_does_not_know_is_said_as_such(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(TryAgain, match="cannot log in"):
        sent(sshd.settings(tmp_path, key=str(sshd.folder / "stranger")), *some(1))


def test_a_private_key_that_is_not_there_is_named(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(TryAgain, match="nowhere"):
        sent(sshd.settings(tmp_path, key=str(tmp_path / "nowhere")), *some(1))


def test_a_folder_that_cannot_be_made_stops_no_other_destination(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "a file").touch()

    (answer,) = sent(sshd.settings(tmp_path / "a file" / "below"), *some(1))

    assert isinstance(answer, TryAgain)


def test_a_session_that_ended_while_idle_costs_nothing(tmp_path: Path) -> None:
    server = Sshd(tmp_path / "sshd").start()
    with sender_to(server.settings(tmp_path / "out")) as sender:
        first = delivered(sender, *some(1))
        server.stop()
        server.start()
        second = delivered(sender, outgoing_of(5, ct_dataset("1.2.3.5")))
    server.stop()

    assert [each.state for each in (*first, *second) if isinstance(each, Receipt)] == [State.SENT] * 2


def test_a_server_that_says_nothing_is_given_up(sshd: Sshd, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = sshd.settings(tmp_path, port=silent.getsockname()[1], connect_timeout_s=0.1)

        with pytest.raises(TryAgain, match="cannot connect"):
            sent(settings, *some(1))


class PasswordServer(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("philae", "open")


@contextmanager
def password_server(key: Path) -> Iterator[int]:
    """OpenSSH's asks PAM; this one asks the test."""
    loop = asyncio.new_event_loop()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=PasswordServer, server_host_keys=[str(key)], sftp_factory=True
        )

    server = loop.run_until_complete(listen())
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.get_port()
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(server.wait_closed())
        loop.close()


@pytest.mark.parametrize("password, expected", [("open", Receipt), ("wrong", TryAgain)])
def test_a_password_is_enough_when_it_is_right(
    sshd: Sshd, tmp_path: Path, password: str, expected: type[ANSWER]
) -> None:
    with password_server(sshd.folder / "host") as port:
        settings = sshd.settings(tmp_path, port=port, username="philae", password=password)
        del settings["key"]
        try:
            (answer,) = sent(settings, *some(1))
        except TryAgain as error:
            answer = error

    assert type(answer) is expected
    assert password not in str(answer)


def test_a_gateway_delivers_by_sftp_without_identity(sshd: Sshd, tmp_path: Path) -> None:
    sent_scans = scans(tmp_path / "sent", patients=1, series=1, slices=4, size=64)
    settings = sshd.settings(tmp_path / "out")
    with Gateway(tmp_path / "data", document(node(to_sftp(**settings)))) as gateway:
        finished([storescu(gateway.port, [scan.path for scan in sent_scans])])
        counts = gateway.settled()

    assert counts["sent"] == len(sent_scans)
    assert_deidentified(list((tmp_path / "out").rglob("*.dcm")), sent_scans)


def test_what_was_under_way_when_a_batch_broke_off_is_delivered_by_the_next(sshd: Sshd, tmp_path: Path) -> None:
    some = [outgoing_of(number, ct_dataset(f"1.2.3.{number}", pixels=bytes(100_000))) for number in range(8)]
    sender = sftp_sender(SftpSettings.model_validate(sshd.settings(tmp_path)), make_node())

    batch = sender.deliver(set(), iter(some))
    first = next(iter(batch))
    del batch
    answers = delivered(sender, *some)
    sender.close()

    assert first[0] is some[0]
    assert [isinstance(each, Receipt) for each in answers] == [True] * 8
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == 8
