"""Mail and log settings, under our names and Karnak's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from philae import destinations, pseudonyms
from philae.config.configuration import Configuration
from philae.config.document import dump_document, load_document
from philae.config.mail import MailServer
from philae.config.notify import Notify
from philae.config.settings import Settings
from philae.config.settings_sources import SettingsFaults, load_settings
from tests.support.documents import document, node, to_folder

KARNAK = {"MAIL_SMTP_HOST": "smtp.example", "MAIL_SMTP_SENDER": "gate@way.example", "MAIL_SMTP_PORT": "2525"}
LOGIN = {"MAIL_SMTP_USER": "u", "MAIL_SMTP_SECRET": "hush"}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("PHILAE_", "MAIL_", "KARNAK_", "ENVIRONMENT"))]:
        monkeypatch.delenv(name)


def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings(data=tmp_path)


def read(text: str) -> Configuration:
    kinds = destinations.SETTINGS, pseudonyms.SETTINGS
    return load_document(text, Path(), destination_kinds=kinds[0], pseudonym_kinds=kinds[1])


def test_notifications_of_a_destination_survive_an_export(tmp_path: Path) -> None:
    notify = {"emails": "a@b.example, c@d.example", "subject": "%.8s", "values": "StudyInstanceUID", "interval_s": 5}
    loaded = read(document(node(to_folder(tmp_path, notify=notify))))

    again = read(dump_document(loaded))

    assert again.forward_nodes == loaded.forward_nodes
    (destination,) = again.forward_nodes[0].destinations
    assert destination.notify == Notify.model_validate(notify)


def test_no_mail_is_sent_unless_there_is_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(tmp_path, monkeypatch).mail is None


@pytest.mark.parametrize("security, port", [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_is_the_usual_one(security: str, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"PHILAE_MAIL_HOST": "h", "PHILAE_MAIL_FROM": "a@b.example", "PHILAE_MAIL_SECURITY": security}

    mail = load(tmp_path, monkeypatch, **environment).mail

    assert mail is not None
    assert mail.port == port


def test_the_password_may_come_from_a_file_and_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("hush-hush\n")
    (tmp_path / "philae.yml").write_text(
        "mail_host: h\nmail_from: a@b.example\nmail_user: u\nalarm_emails: [x@y.example]\n"
    )

    settings = load(tmp_path, monkeypatch, PHILAE_MAIL_PASSWORD_FILE=str(tmp_path / "password"))

    assert settings.mail is not None
    assert settings.mail.password == "hush-hush"
    assert settings.alarm_emails == ("x@y.example",)
    assert "hush-hush" not in repr(settings) + repr(settings.mail)


@pytest.mark.parametrize(
    "kind, expected",
    [
        ({}, MailServer("smtp.example", 2525, "none", "gate@way.example")),
        ({"MAIL_SMTP_TYPE": "SSL"}, MailServer("smtp.example", 2525, "tls", "gate@way.example", "u", "hush")),
        ({"MAIL_SMTP_TYPE": "TLS"}, MailServer("smtp.example", 2525, "starttls", "gate@way.example", "u", "hush")),
    ],
)
def test_the_names_of_karnak_are_understood(
    kind: dict[str, str], expected: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(tmp_path, monkeypatch, **KARNAK, **LOGIN, **kind).mail == expected


def test_our_names_go_before_those_of_karnak_and_those_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "philae.yml").write_text("mail_host: file.example\nmail_from: file@x.example\n")

    mail = load(tmp_path, monkeypatch, **{**KARNAK, "MAIL_SMTP_PORT": "0"}, PHILAE_MAIL_HOST="ours.example").mail

    assert mail == MailServer("ours.example", 25, "none", "gate@way.example")


def test_log_settings_of_karnak_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        tmp_path,
        monkeypatch,
        ENVIRONMENT="DEV",
        KARNAK_LOGS_MAX_FILE_SIZE="50MB",
        KARNAK_CLINICAL_LOGS_MAX_INDEX="3",
    )

    assert settings.log_mode == "development"
    assert settings.log_max_bytes == 50 << 20
    assert (settings.log_files, settings.clinical_log_files) == (10, 3)


@pytest.mark.parametrize(
    "environment, words",
    [
        ({"PHILAE_MAIL_HOST": "h"}, "mail_from"),
        ({"PHILAE_ALARM_EMAILS": "a@b.example"}, "mail_host"),
        ({"PHILAE_MAIL_USER": "u"}, "mail_password"),
        ({**KARNAK, "PHILAE_MAIL_USER": "u", "PHILAE_MAIL_PASSWORD": "p"}, "in clear"),
        ({"PHILAE_MAIL_FROM": "nobody", "PHILAE_MAIL_HOST": "h"}, "MAIL_FROM"),
        ({"KARNAK_LOGS_MAX_FILE_SIZE": "much"}, "log_max_bytes"),
    ],
)
def test_half_a_mail_server_is_no_mail_server(
    environment: dict[str, str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsFaults, match=words):
        load(tmp_path, monkeypatch, **environment)
