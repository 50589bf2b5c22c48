"""People are told, whatever the mail server does and however often the gateway dies."""

from __future__ import annotations

from pathlib import Path

from tests.support.archives import until
from tests.support.datasets import encode, make_dataset
from tests.support.documents import document, node, to_folder
from tests.support.gateway import Gateway
from tests.support.senders import store
from tests.support.smtp import Mailbox, mail_server, silent_server

NOTIFY = {"emails": ["a@hospital.example"], "interval_s": 1}


def test_a_mail_survives_a_server_that_hangs_and_a_gateway_that_is_killed(tmp_path: Path) -> None:
    nodes = node(to_folder(tmp_path / "out", "archive", deidentify=None, notify=NOTIFY))
    gateway = Gateway(tmp_path / "data", document(nodes))
    with silent_server() as port:
        gateway.environment = {
            "PHILAE_MAIL_HOST": "127.0.0.1",
            "PHILAE_MAIL_PORT": str(port),
            "PHILAE_MAIL_SECURITY": "none",
            "PHILAE_MAIL_FROM": "philae@hospital.example",
        }
        gateway.start()
        for number in range(20):
            uid = f"1.2.3.{number}"
            dataset = make_dataset(uid, PatientID="P1", StudyDescription="Head", StudyInstanceUID="1.2")
            assert store(gateway.port, encode(dataset), uid).status == 0
        settled = gateway.settled()
        until(lambda: _waits_for_an_answer(port), "a mail is under way")
    until(lambda: "mail.not_sent" in gateway.log, "the gateway knows that it was not sent")
    gateway.kill()

    with mail_server(Mailbox(port=port)) as mailbox:
        gateway.start()
        until(lambda: bool(mailbox.mails), "the mail arrived")
        gateway.stop()

    assert settled["sent"] == 20
    assert [mail["Subject"] for mail in mailbox.mails] == ["[Karnak Notification] P1 Head"]
    assert "20 transferred, 0 rejected, 0 errors" in mailbox.text


def _waits_for_an_answer(port: int) -> bool:
    """Whether somebody has connected to this port of the loopback interface."""
    established = "01"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(remote.endswith(f":{port:04X}") and state == established for _, _, remote, state, *_ in rows)
