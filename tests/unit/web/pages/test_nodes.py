"""Forward nodes in a browser: paused, drawn, grouped, found, told to those who configure modalities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.web.gateway import Gateway
from philae.web.machine import Machine
from tests.support.documents import document, node, to_folder
from tests.support.web import signed_in, web_gateway


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    sources = [{"ae_title": "CT1", "hostname": "10.0.0.8"}]
    configured = document(node(to_folder(tmp_path / "out"), sources=sources, description="Radiology"))
    with web_gateway(tmp_path, configured) as gateway:
        yield replace(gateway, machine=Machine(dicom_port=11112, dicom_tls_port=2762))


@pytest.fixture
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


@pytest.mark.parametrize(
    "path,action", [("/node/paused?name=PHILAE", "node"), ("/destination/paused?id=1", "destination")]
)
def test_a_pause_is_made_and_ended_and_in_the_audit_trail(
    gateway: Gateway, anna: TestClient, path: str, action: str
) -> None:
    def paused() -> bool:
        (found,) = gateway.configurations.current().forward_nodes
        return found.paused if action == "node" else found.destinations[0].paused

    anna.post(path, data={"version": "1", "paused": "on"})
    assert paused()
    assert "paused" in anna.get("/node?name=PHILAE").text

    anna.post(path, data={"version": "2", "paused": "off"})
    assert not paused()
    events = [event.action for _, event in gateway.audit.events(before=None, limit=2)]
    assert events == [f"{action}.resumed", f"{action}.paused"]


def test_the_routes_are_drawn_with_the_state_of_each(anna: TestClient) -> None:
    (drawn,) = re.findall(r"<svg viewBox.*?</svg>", anna.get("/nodes").text, re.DOTALL)

    assert all(f">{name}</text>" in drawn for name in ("CT1", "PHILAE", "local"))
    assert drawn.count("<path") == 2
    assert 'class="route-line route-idle"' in drawn
    assert "From CT1 over PHILAE to local" in drawn


def test_what_a_modality_needs_is_there_to_copy(anna: TestClient) -> None:
    (entry,) = re.findall(r'data-copy="([^"]*)"', anna.get("/node?name=PHILAE").text)

    lines = unescape(entry).splitlines()
    assert lines[:2] == ["Description: Radiology", "AE title: PHILAE"]
    assert lines[2].startswith("Host: philae.test ")
    assert lines[3:] == ["Port: 11112", "TLS port: 2762"]


def test_nodes_stand_together_by_group(gateway: Gateway, anna: TestClient) -> None:
    anna.post("/node/new", data={"version": "1", "ae_title": "ZOO", "group": "Animals"})
    anna.post("/node/new", data={"version": "2", "ae_title": "AQUARIUM", "group": " Animals "})

    page = anna.get("/nodes").text

    named = re.findall(r'<a class="fw-bold"[^>]*>([^<]+)</a>', page)
    headings = re.findall(r'<th scope="rowgroup"[^>]*>.*?</svg> ([^<]+)</th>', page)
    assert named == ["ZOO", "AQUARIUM", "PHILAE"]
    assert headings == ["Animals", "no group"]
    assert '<option value="Animals">' in anna.get("/node/new").text


@pytest.mark.parametrize(
    "typed,found", [("radiology", ["PHILAE"]), ("ct1 phil", ["PHILAE"]), ("LOCAL", ["PHILAE"]), ("nowhere", [])]
)
def test_a_node_is_found_by_what_belongs_to_it(anna: TestClient, typed: str, found: list[str]) -> None:
    page = anna.get("/nodes", params={"q": typed}).text

    assert re.findall(r'<a class="fw-bold"[^>]*>([^<]+)</a>', page) == found
    assert ("Nothing here holds what you typed." in page) is (found == [])
