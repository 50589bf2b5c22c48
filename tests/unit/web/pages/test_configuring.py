"""What people change in the configuration through pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.config.configuration import Configuration
from philae.web.gateway import Gateway
from tests.support.documents import PROJECT, document, node, to_folder, to_stow
from tests.support.web import signed_in, web_gateway

HOSTILE = '<script>alert("x")</script> 🦴 שלום'


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    stow = to_stow("https://archive.example.org/rs", basic={"username": "philae", "password": "well-kept"})
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out"), stow))) as gateway:
        yield gateway


@pytest.fixture
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def current(gateway: Gateway) -> Configuration:
    return gateway.configurations.current()


def form_of(text: str) -> dict[str, str]:
    """What a browser would send of the last form of a page, as it is filled in."""
    form = re.findall(r"<form [^>]*data-guard.*?</form>", text, re.DOTALL)[-1]
    values: dict[str, str] = {}
    for control in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', control), re.search(r'value="([^"]*)"', control)
        if name and ('type="checkbox"' not in control or " checked" in control):
            values[name[1]] = value[1].replace("&lt;", "<").replace("&gt;", ">") if value else "on"
    values |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    return values


def test_a_form_that_is_saved_as_it_was_opened_changes_nothing(gateway: Gateway, anna: TestClient) -> None:
    before = current(gateway)

    for each in before.forward_nodes[0].destinations:
        page = anna.get(f"/destination/edit?id={each.id}")
        saved = anna.post(f"/destination/edit?id={each.id}", data=form_of(page.text))
        assert saved.status_code == 303, saved.text

    assert current(gateway).forward_nodes == before.forward_nodes


def test_a_secret_is_never_shown_and_survives_an_edit(gateway: Gateway, anna: TestClient) -> None:
    stow = current(gateway).forward_nodes[0].destinations[1]
    page = anna.get(f"/destination/edit?id={stow.id}")
    assert "well-kept" not in page.text + anna.get(f"/destination?id={stow.id}").text

    anna.post(f"/destination/edit?id={stow.id}", data={**form_of(page.text), "description": "the archive"})

    edited = current(gateway).forward_nodes[0].destinations[1]
    assert edited.description == "the archive"
    assert edited.settings.model_dump()["basic"]["password"] == "well-kept"


def test_a_secret_does_not_follow_to_another_host(gateway: Gateway, anna: TestClient) -> None:
    stow = current(gateway).forward_nodes[0].destinations[1]
    sent = form_of(anna.get(f"/destination/edit?id={stow.id}").text)

    answer = anna.post(f"/destination/edit?id={stow.id}", data={**sent, "url": "https://evil.example/rs"})

    assert answer.status_code == 422
    assert "needs its secret anew" in answer.text
    assert current(gateway).version == 1


def test_a_fault_stands_at_its_field_and_what_was_typed_stays(gateway: Gateway, anna: TestClient) -> None:
    path = "/destination/new?node=PHILAE&kind=dicom"
    sent = {**form_of(anna.get(path).text), "name": "pacs", "ae_title": "PACS", "hostname": "10.0.0.5"}

    answer = anna.post(path, data={**sent, "port": "99999", "deidentify.project": "Nobody"})

    assert answer.status_code == 422
    assert re.search(r'id="port-hint">[^<]*65535', answer.text)
    assert "there is no project &#39;Nobody&#39;" in answer.text
    assert 'value="10.0.0.5"' in answer.text
    assert current(gateway).version == 1


@pytest.mark.parametrize(
    "kind,settings",
    [
        ("dicom", {"ae_title": "PACS", "hostname": "10.0.0.5", "port": "104"}),
        ("folder", {"path": "/srv/out"}),
        ("stow", {"url": "https://archive.example.org/rs", "token": "abc"}),
        ("s3", {"bucket": "studies"}),
        ("report_only", {}),
        (
            "sftp",
            {
                "hostname": "sftp.example.org",
                "username": "philae",
                "password": "abc",
                "host_key": "ssh-ed25519 " + "A" * 68,
            },
        ),
    ],
)
def test_every_kind_of_destination_can_be_made(
    gateway: Gateway, anna: TestClient, kind: str, settings: dict[str, str]
) -> None:
    path = f"/destination/new?node=PHILAE&kind={kind}"
    sent = form_of(anna.get(path).text)

    answer = anna.post(path, data={**sent, "name": "new", "deidentify.project": PROJECT["name"], **settings})

    assert answer.status_code == 303, answer.text
    made = current(gateway).forward_nodes[0].destinations[-1]
    assert (made.name, made.settings.kind) == ("new", kind)
    assert made.deidentify is not None


def test_two_people_who_edit_the_same_get_a_conflict_not_a_silent_overwrite(gateway: Gateway, anna: TestClient) -> None:
    other = signed_in(gateway, Role.ADMIN, name="bruno")
    first, second = (form_of(each.get("/destination/edit?id=1").text) for each in (anna, other))

    assert anna.post("/destination/edit?id=1", data={**first, "description": "mine"}).status_code == 303
    conflict = other.post("/destination/edit?id=1", data={**second, "description": "theirs"})

    assert conflict.status_code == 409
    assert "Somebody else changed this meanwhile" in conflict.text
    assert current(gateway).forward_nodes[0].destinations[0].description == "mine"


def test_two_people_who_edit_different_things_do_not_hinder_each_other(gateway: Gateway, anna: TestClient) -> None:
    other = signed_in(gateway, Role.ADMIN, name="bruno")
    first = form_of(anna.get("/destination/edit?id=1").text)
    second = form_of(other.get("/destination/edit?id=2").text)

    anna.post("/destination/edit?id=1", data={**first, "description": "one"})
    saved = other.post("/destination/edit?id=2", data={**second, "description": "two"})

    assert saved.status_code == 303
    assert [each.description for each in current(gateway).forward_nodes[0].destinations] == ["one", "two"]


def test_every_change_is_in_the_audit_trail_with_who_made_it(gateway: Gateway, anna: TestClient) -> None:
    anna.post("/destination/enabled?id=1", data={"version": "1", "enabled": "off"})

    _, event = gateway.audit.events(before=None, limit=1)[0]
    assert (event.actor, event.action, event.subject) == ("user anna", "destination.disabled", "PHILAE/local")
    assert "enabled: false" in event.after
    assert "enabled: false" not in event.before
    assert not current(gateway).forward_nodes[0].destinations[0].enabled


def test_html_in_a_field_is_stored_and_shown_as_text(gateway: Gateway, anna: TestClient) -> None:
    sent = {"version": "1", "description": HOSTILE}

    anna.post("/node?name=PHILAE", data=sent)

    assert current(gateway).forward_nodes[0].description == HOSTILE
    for path in ("/nodes", "/node?name=PHILAE", "/audit", "/configuration"):
        page = anna.get(path).text
        assert "<script>alert" not in page
    assert "&lt;script&gt;" in anna.get("/nodes").text


def test_a_node_and_its_sources_come_and_go(gateway: Gateway, anna: TestClient) -> None:
    def version() -> str:
        return str(current(gateway).version)

    anna.post("/node/new", data={"version": version(), "ae_title": "NEW/NODE"})
    anna.post("/node/sources/add?name=NEW/NODE", data={"version": version(), "ae_title": "CT1", "check_hostname": "on", "hostname": "ct1"})  # fmt: skip
    made = current(gateway).node("NEW/NODE")
    assert made is not None
    assert [(each.ae_title, each.check_hostname) for each in made.sources] == [("CT1", True)]

    anna.post("/node/sources/delete?name=NEW/NODE", data={"version": version(), "ae_title": "CT1"})
    anna.post("/node/delete?name=NEW/NODE", data={"version": version()})

    assert [each.ae_title for each in current(gateway).forward_nodes] == ["PHILAE"]


def test_a_profile_with_faults_is_told_line_by_line_and_kept_in_the_form(gateway: Gateway, anna: TestClient) -> None:
    faulty = "name: Mine\nprofileElements:\n  - name: a\n    codename: no.such.thing\n  - codename: replace.uid\n"

    answer = anna.post("/profile/save", data={"version": "1", "text": faulty})

    assert answer.status_code == 422
    assert answer.text.count("Line ") >= 2
    assert "no.such.thing" in answer.text
    assert current(gateway).version == 1


def test_what_is_used_is_not_deleted(gateway: Gateway, anna: TestClient) -> None:
    profile = anna.post("/profile/delete?name=Basic", data={"version": "1"})
    project = anna.post("/project/delete?name=Trial", data={"version": "1"})

    assert (profile.status_code, project.status_code) == (409, 409)
    assert "is used by Trial" in profile.text
    assert "PHILAE/local" in project.text


def test_a_project_s_secret_changes_and_comes_back_without_being_shown(gateway: Gateway, anna: TestClient) -> None:
    first = current(gateway).projects[0].secret
    page = anna.post("/project/secret?name=Trial", data={"version": "1"}, follow_redirects=True)
    assert current(gateway).projects[0].secret != first
    assert str(current(gateway).projects[0].secret) not in page.text
    past = re.search(r'name="past" value="([^"]+)"', page.text)
    assert past is not None

    anna.post("/project/secret?name=Trial", data={"version": "2", "past": past[1]})

    assert str(current(gateway).projects[0].secret).replace("-", "") == str(first).replace("-", "")


def test_a_document_is_compared_before_it_is_applied(gateway: Gateway, anna: TestClient) -> None:
    text = anna.get("/configuration/download").text.replace("name: local", "name: elsewhere")

    shown = anna.post("/configuration", data={"version": "1", "text": text, "act": "check"})
    assert "-  - name: local" in shown.text
    assert "+  - name: elsewhere" in shown.text
    assert current(gateway).version == 1

    assert anna.post("/configuration", data={"version": "1", "text": text, "act": "apply"}).status_code == 303
    assert current(gateway).forward_nodes[0].destinations[0].name == "elsewhere"


def test_when_and_how_a_destination_is_sent_to_is_told_in_its_form(gateway: Gateway, anna: TestClient) -> None:
    path = "/destination/new?node=PHILAE&kind=folder"
    sent = {name: text for name, text in form_of(anna.get(path).text).items() if name != "deidentify"}
    told = {
        **sent,
        "name": "night",
        "path": "/srv/night",
        "morph": "on",
        "morph.project": PROJECT["name"],
        "fallback": current(gateway).forward_nodes[0].destinations[0].name,
        "time_zone": "Europe/Zurich",
        "windows": "mon-fri 20:00-06:00\nmoon 00:00-24:00",
    }

    refused = anna.post(path, data=told)
    made = anna.post(path, data={**told, "windows": "mon-fri 20:00-06:00\nsat, sun 00:00-24:00"})

    assert refused.status_code == 422
    assert re.search(r'id="windows-hint">[^<]*there is no day &#39;moon&#39;', refused.text)
    assert made.status_code == 303, made.text
    night = current(gateway).forward_nodes[0].destinations[-1]
    assert [str(window) for window in night.windows] == ["mon-fri 20:00-06:00", "sat, sun 00:00-24:00"]
    assert (night.project, night.deidentify) == (PROJECT["name"], None)
    saved = anna.post(
        f"/destination/edit?id={night.id}", data=form_of(anna.get(f"/destination/edit?id={night.id}").text)
    )
    assert saved.status_code == 303
    assert current(gateway).forward_nodes[0].destinations[-1] == night
