"""Mails to a real server: in clear, over STARTTLS and TLS, and to servers that refuse or hang."""

from __future__ import annotations

import ssl
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from philae.admin.notifications.mail import Mail
from philae.cli.main import main
from philae.config.mail import MailSecurity, MailServer
from philae.notifications.smtp import Answer, Courier, NotSent
from tests.support.smtp import PASSWORD, USER, Mailbox, mail_server, silent_server

WRITTEN = datetime(2026, 3, 14, 12, tzinfo=UTC)
MAIL = Mail(("a@hospital.example", "b@hospital.example"), "Étude [1]", ".first line\nsecond: é", "<p>é</p>")


def sent(server: MailServer, mail: Mail = MAIL) -> Answer:
    with closing(Courier(server)) as courier:
        return courier.send(mail, "philae.7.1", WRITTEN)


@pytest.fixture
def authority(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS, and the file that lets a client trust it."""
    issuer = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    issuer.cert_pem.write_to_path(tmp_path / "ca.pem")
    return context, tmp_path / "ca.pem"


def test_a_mail_arrives_with_text_and_html_for_everybody() -> None:
    with mail_server() as mailbox:
        answer = sent(mailbox.server())

    (mail,) = mailbox.mails
    text, html = mail.iter_parts()
    assert answer == Answer("250 kept it", ())
    assert mailbox.recipients == [list(MAIL.recipients)]
    assert (mail["Subject"], mail["From"]) == ("Étude [1]", "philae@hospital.example")
    assert mail["Message-ID"] == "<philae.7.1@hospital.example>"
    assert (text.get_content().splitlines(), text.get_content_type()) == (MAIL.text.splitlines(), "text/plain")
    assert (html.get_content().strip(), html.get_content_type()) == (MAIL.html, "text/html")


@pytest.mark.parametrize("patience, connections", [(1000, [3]), (2, [3, 1]), (1, [2, 2, 1])])
def test_mails_share_a_connection_for_as_long_as_the_server_lets_them(patience: int, connections: list[int]) -> None:
    """The last MAIL of a connection that the server has enough of is said again on the next one."""
    with mail_server(Mailbox(patience=patience)) as mailbox, closing(Courier(mailbox.server())) as courier:
        for number in range(3):
            courier.send(MAIL, f"philae.{number}", WRITTEN)

    assert [mail["Message-ID"] for mail in mailbox.mails] == [f"<philae.{n}@hospital.example>" for n in range(3)]
    assert list(mailbox.connections.values()) == connections


def test_a_value_in_the_subject_begins_no_other_header() -> None:
    with mail_server() as mailbox:
        sent(mailbox.server(), replace(MAIL, subject="one\r\nBcc: everybody@elsewhere.example\x00"))

    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert "Bcc: everybody" in mail["Subject"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it means STARTTLS
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_arrives_over_tls_with_a_password(
    security: MailSecurity, authority: tuple[ssl.SSLContext, Path]
) -> None:
    context, file = authority

    over = {"starttls": context} if security == "starttls" else {"tls": context}
    with mail_server(None, **over) as mailbox:
        answer = sent(mailbox.server(security, user=USER, password=PASSWORD, authority=file))

    assert answer.words == "250 kept it"
    assert len(mailbox.mails) == 1


def test_a_server_that_nobody_vouches_for_gets_no_password_and_no_mail(
    authority: tuple[ssl.SSLContext, Path],
) -> None:
    with (
        mail_server(starttls=authority[0]) as mailbox,
        pytest.raises(NotSent, match=r"not trusted .*PHILAE_MAIL_AUTHORITY"),
    ):
        sent(mailbox.server("starttls", user=USER, password=PASSWORD))

    assert mailbox.mails == []


def test_a_server_without_starttls_gets_no_mail_in_clear() -> None:
    with mail_server() as mailbox, pytest.raises(NotSent, match="STARTTLS"):
        sent(mailbox.server("starttls"))

    assert mailbox.mails == []


def test_a_wrong_password_is_said_by_the_server(authority: tuple[ssl.SSLContext, Path]) -> None:
    context, file = authority

    with mail_server(starttls=context) as mailbox, pytest.raises(NotSent, match=r":\d+: 535 ") as caught:
        sent(mailbox.server("starttls", user=USER, password="wrong-one", authority=file))

    assert "wrong-one" not in str(caught.value)


def test_recipients_that_are_refused_do_not_keep_the_mail_from_others() -> None:
    with mail_server(Mailbox(refused=("a@hospital.example",))) as mailbox:
        answer = sent(mailbox.server())

    assert answer.refused == ("a@hospital.example",)
    assert mailbox.recipients == [["b@hospital.example"]]


@pytest.mark.parametrize(
    "mailbox, words", [(Mailbox(refused=MAIL.recipients), "550 no such"), (Mailbox(busy=True), "451 come back")]
)
def test_what_the_server_refuses_is_not_sent_in_its_own_words(mailbox: Mailbox, words: str) -> None:
    with mail_server(mailbox), pytest.raises(NotSent, match=words):
        sent(mailbox.server())


def test_a_server_that_says_nothing_is_given_up() -> None:
    with silent_server() as port, pytest.raises(NotSent, match=f"127.0.0.1:{port}: .*(timed out|no answer)"):
        sent(replace(Mailbox(port=port).server(), timeout_s=0.2))


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_server_that_is_not_there_is_named(host: str) -> None:
    with silent_server() as port:
        """Nobody listens there afterwards."""

    with pytest.raises(NotSent, match=f"{host}:{port}: "):
        sent(replace(Mailbox(port=port).server(), host=host, timeout_s=2.0))


def test_the_command_says_what_the_server_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with mail_server() as mailbox:
        for name, value in {
            "HOST": "127.0.0.1",
            "PORT": mailbox.port,
            "SECURITY": "none",
            "FROM": "p@x.example",
        }.items():
            monkeypatch.setenv(f"PHILAE_MAIL_{name}", str(value))
        codes = [main(["mail", "test", who, "--data", str(tmp_path)]) for who in ("a@b.example", "nobody")]

    said = capsys.readouterr()
    assert codes == [0, 2]
    assert "took the mail: 250 kept it" in said.out
    assert "'nobody' is no address" in said.err
    assert mailbox.recipients == [["a@b.example"]]


def test_the_command_says_why_nothing_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without = main(["mail", "test", "a@b.example", "--data", str(tmp_path)])
    with mail_server(Mailbox(busy=True)) as mailbox:
        for name, value in {
            "HOST": "127.0.0.1",
            "PORT": mailbox.port,
            "SECURITY": "none",
            "FROM": "p@x.example",
        }.items():
            monkeypatch.setenv(f"PHILAE_MAIL_{name}", str(value))
        refused = main(["mail", "test", "a@b.example", "--data", str(tmp_path)])

    said = capsys.readouterr().err
    assert (without, refused) == (2, 1)
    assert "PHILAE_MAIL_HOST" in said
    assert "not sent: 451 come back later" in said
