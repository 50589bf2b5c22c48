from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

import pytest

from philae.admin.doctor import Finding
from philae.destinations.dicom import DicomSettings
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE
from philae.dimse.commands import Status
from philae.dimse.rejection import CONGESTION, LIMIT_EXCEEDED, UNKNOWN_CALLED_AE, UNKNOWN_CALLING_AE, Rejection
from philae.dimse.sop_classes import STORAGE_COMMITMENT
from tests.support.association import Application
from tests.support.examining import failure, findings, mute, verdicts
from tests.support.receivers import Receiver, choosy, receiving

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
MPEG_4 = "1.2.840.10008.1.2.4.102"
VERIFICATION = "1.2.840.10008.1.1"


def found_at(port: int, lately: dict[tuple[str, str], int] | None = None, **more: Any) -> dict[str, Finding]:
    case: dict[str, Any] = {"store": more.pop("store", False), "calling": more.pop("sender", "")}
    settings = {"ae_title": "ARCHIVE", "hostname": "127.0.0.1", "port": port, **more}
    return findings(DicomSettings.model_validate(settings), lately, **case)


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """The port of a server that says this to whoever calls, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(2):  # the doctor's TCP step, then its association
                connected, _address = listener.accept()
                with connected, suppress(OSError):
                    connected.sendall(reply)
                    connected.shutdown(socket.SHUT_WR)
                    connected.recv(4096)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join()


def test_a_receiver_that_is_well_passes_every_step_and_keeps_the_made_up_instance() -> None:
    receiver = Receiver()

    with receiving(receiver) as port:
        found = found_at(port, {(CT, EXPLICIT_LE.uid): 3}, store=True)

    assert set(verdicts(found).values()) == {"ok"}
    assert len(receiver.stored) == 1


@pytest.mark.parametrize(
    "rejection, words, advice",
    [
        (UNKNOWN_CALLING_AE, "calling AE title not recognized", "register the AE title PHILAE"),
        (UNKNOWN_CALLED_AE, "called AE title not recognized", "ARCHIVE: correct ae_title"),
        (LIMIT_EXCEEDED, "local limit exceeded", "use fewer"),
        (CONGESTION, "for now", "try again later"),
        (Rejection(1, 1, 9), "source 1, reason 9", "the peer's log"),
    ],
)
def test_a_rejection_is_told_in_words_with_what_to_do(rejection: Rejection, words: str, advice: str) -> None:
    with receiving(Application(rejection=rejection)) as port:
        found = found_at(port)

    assert failure(found).step == "association"
    assert words in failure(found).message
    assert "PHILAE calling ARCHIVE" in failure(found).message
    assert advice in failure(found).advice


def test_what_comes_and_is_not_accepted_is_named_with_how_often() -> None:
    with choosy({VERIFICATION: [IMPLICIT_LE.uid], CT: [IMPLICIT_LE.uid]}) as (port, _):
        found = found_at(port, {(CT, EXPLICIT_LE.uid): 3, (CT, MPEG_4): 2, (MR, EXPLICIT_LE.uid): 1})

    contexts = found["presentation contexts"]
    assert contexts.verdict == "warning"
    assert "CT Image Storage in MPEG-4 AVC/H.264 High Profile / Level 4.1 (2 lately)" in contexts.message
    assert "MR Image Storage in Explicit VR Little Endian (1 lately)" in contexts.message
    assert "CT Image Storage in Explicit" not in contexts.message


def test_a_receiver_that_accepts_nothing_of_what_comes_fails() -> None:
    with choosy({VERIFICATION: [IMPLICIT_LE.uid]}) as (port, _):
        found = found_at(port, {(CT, EXPLICIT_LE.uid): 3})

    assert failure(found).step == "presentation contexts"
    assert "sop_classes" in failure(found).advice


def test_a_receiver_that_is_to_commit_itself_is_asked_whether_it_does() -> None:
    contexts = {VERIFICATION: [IMPLICIT_LE.uid], CT: [EXPLICIT_LE.uid]}
    lately = {(CT, EXPLICIT_LE.uid): 3}
    with choosy({**contexts, STORAGE_COMMITMENT: [IMPLICIT_LE.uid]}) as (port, _):
        offered = found_at(port, lately, storage_commitment=True)
        not_wanted = found_at(port, lately)
    with choosy(contexts) as (port, _):
        not_offered = found_at(port, lately, storage_commitment=True)

    assert verdicts(offered)["storage commitment"] == "ok"
    assert "storage commitment" not in not_wanted
    assert failure(not_offered).step == "storage commitment"
    assert "our copies are kept" in failure(not_offered).advice


def test_without_anything_received_lately_nothing_is_compared() -> None:
    with receiving(Receiver()) as port:
        assert found_at(port)["presentation contexts"].verdict == "skipped"


def test_a_receiver_without_verification_is_a_warning() -> None:
    with choosy({CT: [EXPLICIT_LE.uid]}) as (port, _):
        found = found_at(port, {(CT, EXPLICIT_LE.uid): 3})

    assert verdicts(found)["C-ECHO"] == "warning"
    assert verdicts(found)["presentation contexts"] == "ok"


def test_a_store_that_is_refused_fails_the_trial_with_the_receivers_words() -> None:
    with receiving(Receiver(answer=lambda _: Status(0xA900, "not ours"))) as port:
        found = found_at(port, store=True)

    assert failure(found).step == "trial delivery"
    assert "A900H" in failure(found).message
    assert "not ours" in failure(found).message


def test_the_title_of_the_sender_is_used_where_it_is_passed_on() -> None:
    receiver = Receiver()

    with receiving(receiver) as port:
        found_at(port, calling="sender", sender="CT01", store=True)

    assert [each.calling_ae_title for each in receiver.requests] == ["CT01", "CT01"]


def test_a_peer_that_says_nothing_ends_in_a_clear_timeout() -> None:
    with mute() as port:
        found = found_at(port, response_timeout_s=0.3)

    assert verdicts(found)["TCP connection"] == "ok"
    assert failure(found).step == "association"
    assert "no answer within 0.3 s" in failure(found).message
    assert "does not speak" in failure(found).advice


@pytest.mark.parametrize("reply, advice", [(b"SSH-2.0-OpenSSH\r\n", "correct the port"), (b"", "TLS")])
def test_a_port_that_is_not_dicoms_is_told(reply: bytes, advice: str) -> None:
    with answering(reply) as port:
        found = found_at(port)

    assert failure(found).step == "association"
    assert advice in failure(found).advice
