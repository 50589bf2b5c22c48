"""The page of one forward node: its tabs, its settings, its sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.config.forward_node import ForwardNode
from philae.web.gateway import Gateway
from tests.support.documents import document, node, to_folder
from tests.support.web import signed_in, web_gateway

SETTINGS = "/node?name=PHILAE&tab=settings"
FOLDER = {"watch.count": "2", "watch.1.path": "/srv/in", "watch.1.settle_s": "0"}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    sources = [{"ae_title": "CT1", "hostname": "10.0.0.8", "description": "Room 4"}, {"ae_title": "MR1"}]
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out"), sources=sources))) as gateway:
        yield gateway


@pytest.fixture
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def philae(gateway: Gateway) -> ForwardNode:
    return gateway.configurations.current().forward_nodes[0]


def test_everything_of_a_node_is_told_in_its_form_and_shown_there_again(gateway: Gateway, anna: TestClient) -> None:
    told = {
        "version": "1",
        "description": "Radiology",
        "group": "North",
        "answer": "pass-through",
        "answer_timeout_s": "30",
        "limits.associations": "20",
        "limits.instances_per_s": "50",
        **FOLDER,
    }

    assert anna.post("/node?name=PHILAE", data=told).status_code == 303

    made, page = philae(gateway), anna.get(SETTINGS).text
    assert (made.description, made.group, made.answer, made.answer_timeout_s) == (
        "Radiology",
        "North",
        "pass-through",
        30,
    )
    assert (made.limits.associations, made.limits.instances_per_s) == (20, 50)
    assert [(each.path, each.settle_s) for each in made.watch] == [(Path("/srv/in"), 0)]
    assert len(made.sources) == len(made.destinations) + 1 == 2
    assert 'name="watch.0.path" value="/srv/in"' in page
    assert "once every destination has confirmed it</option>" in page
    assert '<details class="part-details mb-3" open>' in page


def test_what_is_rarely_needed_is_folded_away_until_somebody_uses_it(anna: TestClient) -> None:
    anna.post("/node?name=PHILAE", data={"version": "1", "description": "Radiology", "group": "North"})

    assert '<details class="part-details mb-3">' in anna.get(SETTINGS).text


def test_a_folder_more_is_asked_for_and_a_fault_stands_at_its_field(gateway: Gateway, anna: TestClient) -> None:
    more = anna.post("/node?name=PHILAE", data={"version": "1", "act": "more:watch", "description": "typed"})
    faulty = anna.post("/node?name=PHILAE", data={"version": "1", **FOLDER, "watch.1.settle_s": "never"})

    assert 'name="watch.0.path"' in more.text
    assert 'value="typed"' in more.text
    assert faulty.status_code == 422
    assert 'id="watch.0.settle_s-hint">Input should be a valid number' in faulty.text
    assert philae(gateway).watch == ()


def test_a_fault_is_told_in_french_to_who_reads_french(anna: TestClient) -> None:
    anna.cookies.set("philae_language", "fr")

    faulty = anna.post("/node?name=PHILAE", data={"version": "1", **FOLDER, "watch.1.settle_s": "never"})

    assert 'id="watch.0.settle_s-hint">Écrivez un nombre<' in faulty.text


def test_two_people_who_change_the_settings_of_a_node_get_a_conflict(gateway: Gateway, anna: TestClient) -> None:
    anna.post("/node?name=PHILAE", data={"version": "1", "group": "North"})

    late = anna.post("/node?name=PHILAE", data={"version": "1", "group": "South"})

    assert late.status_code == 409
    assert philae(gateway).group == "North"


def test_a_source_is_changed_with_its_limits(gateway: Gateway, anna: TestClient) -> None:
    path = "/node/sources/edit?name=PHILAE&source=CT1"
    assert 'value="Room 4"' in anna.get(path).text

    told = {"version": "1", "ae_title": "CT2", "hostname": "ct2", "check_hostname": "on", "limits.associations": "2"}
    assert anna.post(path, data=told).status_code == 303

    first, second = philae(gateway).sources
    assert (first.ae_title, first.hostname, first.check_hostname, first.description) == ("CT2", "ct2", True, "")
    assert first.limits.associations == 2
    assert second.ae_title == "MR1"
    assert "2 associations" in anna.get("/node?name=PHILAE&tab=sources").text


@pytest.mark.parametrize("path", ["/node/sources/add?name=PHILAE", "/node/sources/edit?name=PHILAE&source=CT1"])
def test_two_sources_do_not_have_one_ae_title(gateway: Gateway, anna: TestClient, path: str) -> None:
    answer = anna.post(path, data={"version": "1", "ae_title": "MR1", "hostname": "typed"})

    assert answer.status_code == 422
    assert "this source is there already" in answer.text
    assert 'value="typed"' in answer.text
    assert [each.ae_title for each in philae(gateway).sources] == ["CT1", "MR1"]


def test_a_tab_shows_what_was_typed_above_it_finds(anna: TestClient) -> None:
    sources = anna.get("/node?name=PHILAE&tab=sources&q=room").text
    destinations = anna.get("/node?name=PHILAE&q=nowhere").text

    assert "source=CT1" in sources
    assert "source=MR1" not in sources
    assert "Nothing here holds what you typed." in destinations


@pytest.mark.parametrize("path", ["/node?name=NOBODY", "/node/sources/edit?name=PHILAE&source=NOBODY"])
def test_what_is_not_there_is_not_found(anna: TestClient, path: str) -> None:
    assert anna.get(path).status_code == 404
