"""Versions of the configuration, the machine beneath, help, and the way to a first image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.declined import Declined
from philae.admin.notifications.alarms import Certificate
from philae.admin.users import Role
from philae.pipeline.outcome import State
from philae.store.ledger import SqlLedger
from philae.web.gateway import Gateway
from philae.web.machine import LogLine, Machine
from tests.support.documents import document, node, to_folder
from tests.support.ledger_rows import arrived, deliver
from tests.support.web import signed_in, web_gateway


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out")))) as gateway:
        yield gateway


@pytest.fixture
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def first_steps(**changed: str) -> dict[str, str]:
    usual = {"version": "1", "source": "CT1", "project": "Heart", "node": "HEART", "name": "share", "kind": "folder"}
    return {**usual, "path": "received", "called": "", "hostname": "", "port": "104", **changed}


def test_a_version_is_compared_and_gone_back_to_with_its_secrets(gateway: Gateway, anna: TestClient) -> None:
    first = gateway.configurations.current()
    anna.post("/project/secret?name=Trial", data={"version": "1"})
    anna.post("/node?name=PHILAE", data={"version": "2", "description": "changed since"})
    assert re.findall(r"number=(\d)", anna.get("/configuration/history").text) == ["3", "2", "1"]

    shown = anna.get("/configuration/version?number=1").text
    assert "-  description: changed since" in shown
    assert "# project &#39;Trial&#39; has secret" in shown
    stale = anna.post("/configuration/version?number=1", data={"version": "2"})
    done = anna.post("/configuration/version?number=1", data={"version": "3"})

    assert (stale.status_code, done.status_code) == (409, 303)
    current = gateway.configurations.current()
    assert current.version == 4
    assert current.model_copy(update={"version": 1}) == first
    _, event = gateway.audit.events(before=None, limit=1)[0]
    assert (event.action, event.subject) == ("configuration.undone", "to version 1")


def test_a_version_that_never_was_is_no_page(anna: TestClient) -> None:
    assert anna.get("/configuration/version?number=77").status_code == 409
    assert anna.post("/configuration/version?number=77", data={"version": "1"}).status_code == 409


def test_the_machine_tells_what_ends_soon_and_what_went_wrong(gateway: Gateway) -> None:
    now = datetime.now(UTC)
    lines = (LogLine(now, "error", "web.broke", "role=web"), LogLine(now, "info", "web.started", ""))
    machine = Machine(
        certificates=lambda: [Certificate("own.pem", now + timedelta(days=400)), Certificate("old.pem", now)],
        log_since=lambda begin: [each for each in lines if each.at >= begin],
    )
    anna = signed_in(replace(gateway, machine=machine), Role.ADMIN)

    every, errors = anna.get("/system").text, anna.get("/system?level=error").text

    assert re.findall(r">(\w+\.pem)<", every) == ["old.pem", "own.pem"]
    assert "expired" in every
    assert ("web.started" in every, "web.started" in errors, "web.broke" in errors) == (True, False, True)
    assert anna.post("/system/mail", data={"address": "a@b.example"}).status_code == 409


def test_help_tells_everybody_what_he_may_open_and_what_is_shipped(gateway: Gateway) -> None:
    keeper, clerk = signed_in(gateway, Role.ADMIN), signed_in(gateway, Role.USER, name="clerk")

    assert 'href="/users"' in keeper.get("/help").text
    text = clerk.get("/help").text
    assert 'href="/users"' not in text
    assert re.search(r"<td>SQLAlchemy</td><td>[\d.]+</td><td>MIT", text, re.IGNORECASE)


def test_the_first_steps_make_everything_at_once(gateway: Gateway, anna: TestClient) -> None:
    answer = anna.post("/first-steps", data=first_steps())

    assert answer.headers["location"] == "/first-steps/image?node=HEART&done=created"
    made = gateway.configurations.current()
    heart, project = made.node("HEART"), made.project("Heart")
    assert heart is not None
    assert project is not None
    assert [each.ae_title for each in heart.sources] == ["CT1"]
    assert [(each.name, each.settings.kind) for each in heart.destinations] == [("share", "folder")]
    assert project.secret


def test_a_fault_in_the_first_steps_makes_nothing(gateway: Gateway, anna: TestClient) -> None:
    answer = anna.post("/first-steps", data=first_steps(kind="dicom", port="99999", source="far too long an AE title"))

    assert answer.status_code == 422
    assert 'value="far too long an AE title"' in answer.text
    assert gateway.configurations.current().version == 1


def test_a_test_image_is_followed_until_it_arrives(gateway: Gateway) -> None:
    def send_sample(ae_title: str, calling: str) -> str:
        ledger = gateway.ledger
        assert isinstance(ledger, SqlLedger)
        deliver(ledger, arrived(1, patient_id="HOSP-1"), State.HELD, code="NotInTable", reason="nobody knows it")
        return f"{calling} to {ae_title}"

    anna = signed_in(replace(gateway, machine=Machine(send_sample=send_sample)), Role.ADMIN)

    text = anna.post("/first-steps/image?node=PHILAE").text

    assert "NotInTable" in text
    assert "nobody knows it" in text


def test_a_test_image_that_is_refused_is_told(gateway: Gateway) -> None:
    def refuse(ae_title: str, calling: str) -> str:
        raise Declined("the gateway answered: A700H out of resources")

    anna = signed_in(replace(gateway, machine=Machine(send_sample=refuse)), Role.ADMIN)

    answer = anna.post("/first-steps/image?node=PHILAE")

    assert answer.status_code == 409
    assert "A700H" in answer.text


def test_the_audit_trail_is_searched_by_who_and_what(gateway: Gateway, anna: TestClient) -> None:
    signed_in(gateway, Role.USER, name="clerk")
    anna.post("/node?name=PHILAE", data={"version": "1", "description": "described by anna"})

    by_anna, changes = anna.get("/audit?actor=user+anna").text, anna.get("/audit?action=node.").text

    assert "<td>user clerk</td>" in anna.get("/audit").text
    assert "<td>user clerk</td>" not in by_anna
    assert "<code>sign-in</code>" in by_anna
    assert "described by anna" in changes
    assert "<code>sign-in</code>" not in changes
    assert "Nothing here" in anna.get("/audit?action=100%25").text
