from __future__ import annotations

from collections.abc import Iterator

import asyncssh
import pytest

from philae.destinations.sftp.sender import SftpSender
from philae.destinations.sftp.session import CHUNK, Session, _chunks
from philae.destinations.sftp.settings import SftpSettings
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import State, TryAgain
from tests.support.lanes import ANSWER, ct_dataset, make_node, outgoing_of
from tests.support.receivers import delivered

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKfKFGZLSyO3ER1QDcH5YV4ml9nRXQ2FYw2p8tPNBdEm"


class FakeSession:
    """Fails with ``faults``, one after the other, before it stores."""

    faults: list[Exception]
    opened = 0
    full = False

    @classmethod
    async def open(cls, _: SftpSettings) -> FakeSession:
        cls.opened += 1
        return cls()

    async def store(self, name: str, temporary: str, pieces: Iterator[bytes]) -> tuple[str, bool]:
        if self.faults:
            raise self.faults.pop(0)
        return name, False

    async def is_full(self, size: int) -> bool:
        return self.full

    async def mark(self, folder: str, marker: str) -> None:
        raise asyncssh.SFTPFailure("no marker here")

    async def close(self) -> None:
        """Nothing is open."""

    def abort(self) -> None:
        """Nothing is open."""


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> type[FakeSession]:
    class Fresh(FakeSession):
        faults: list[Exception] = []  # noqa: RUF012 - of this test alone

    monkeypatch.setattr(Session, "open", Fresh.open)
    return Fresh


def sent(count: int = 1, marker: str = "") -> list[ANSWER]:
    settings = SftpSettings(hostname="a", username="u", host_key=KEY, password="p", marker=marker)
    sender = SftpSender(settings, make_node())
    try:
        return delivered(sender, *(outgoing_of(number, ct_dataset(f"1.2.{number}")) for number in range(count)))
    finally:
        sender.close()


def test_a_failure_is_that_of_one_instance(session: type[FakeSession]) -> None:
    session.faults += [asyncssh.SFTPFailure("Failure")]

    answers = sent(2)

    assert [type(each) for each in answers] == [TryAgain, Receipt]


def test_a_full_disk_is_that_of_all(session: type[FakeSession]) -> None:
    session.faults += [asyncssh.SFTPFailure("Failure")]
    session.full = True

    with pytest.raises(TryAgain, match="the disk is full"):
        sent(2)


@pytest.mark.parametrize("fault", [asyncssh.SFTPPermissionDenied("denied"), asyncssh.SFTPQuotaExceeded("no more")])
def test_what_is_denied_is_denied_to_all(session: type[FakeSession], fault: Exception) -> None:
    session.faults += [fault]

    with pytest.raises(TryAgain, match="cannot write below"):
        sent(2)


def test_a_session_that_was_lost_in_the_middle_is_opened_anew(session: type[FakeSession]) -> None:
    session.faults += [asyncssh.SFTPConnectionLost("gone")]

    answers = sent(2)

    assert [type(each) for each in answers] == [TryAgain, Receipt]
    assert session.opened == 2


def test_silence_is_tried_again_over_a_new_session(session: type[FakeSession]) -> None:
    session.faults += [TimeoutError()]

    answers = sent(2)

    assert "no answer in time" in str(answers[0])
    assert session.opened == 2


def test_the_last_instance_is_not_said_to_be_there_when_its_marker_is_not(session: type[FakeSession]) -> None:
    with pytest.raises(TryAgain, match=r"cannot write \.complete"):
        sent(1, marker=".complete")


def test_a_receipt_names_the_file(session: type[FakeSession]) -> None:
    assert sent() == [Receipt(State.SENT, "1.2/1.2.3/1.2.0.dcm")]


@pytest.mark.parametrize("sizes", [[], [0], [10, 20], [CHUNK - 1, 5, CHUNK], [3 * CHUNK, 1]])
def test_pieces_are_gathered_and_no_byte_is_lost(sizes: list[int]) -> None:
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]

    chunks = list(_chunks(iter(pieces)))

    assert b"".join(chunks) == b"".join(pieces)
    assert all(len(chunk) >= CHUNK for chunk in chunks[:-1])
