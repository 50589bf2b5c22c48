"""Forms of destinations: lists of things, headers that are made, what is missing before one can begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.web.gateway import Gateway
from tests.support.documents import document, node, to_folder
from tests.support.web import signed_in, web_gateway

NEW = "/destination/new?node=PHILAE&kind=stow"
STOW = {
    "version": "1",
    "name": "kheops",
    "url": "https://archive.example.org/rs",
    "enabled": "on",
    "tls.check_hostname": "on",
}
ALBUM = {
    "kheops_albums.count": "3",
    "kheops_albums.1.name": "study",
    "kheops_albums.1.url_api": "https://kheops.example.org/api",
    "kheops_albums.1.authorization_destination": "for-the-album",
    "kheops_albums.1.authorization_source": "for-the-series",
}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out")))) as gateway:
        yield gateway


@pytest.fixture
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def test_albums_are_made_one_by_one_and_their_tokens_are_never_shown(gateway: Gateway, anna: TestClient) -> None:
    made = anna.post(NEW, data={**STOW, **ALBUM})
    assert made.status_code == 303, made.text
    number = gateway.configurations.current().forward_nodes[0].destinations[1].id

    shown = anna.get(f"/destination?id={number}").text
    form = anna.get(f"/destination/edit?id={number}").text

    assert "https://kheops.example.org/api" in shown
    assert 'name="kheops_albums.0.name" value="study"' in form
    assert 'name="kheops_albums.count" value="1"' in form
    assert "for-the-" not in shown + form


def test_a_fault_in_an_album_stands_in_its_form(anna: TestClient) -> None:
    answer = anna.post(NEW, data={**STOW, **ALBUM, "kheops_albums.1.url_api": "nowhere"})

    assert answer.status_code == 422
    assert re.search(r'id="kheops_albums\.0\.url_api-hint">[^<]*https://', answer.text)
    assert 'name="kheops_albums.0.name" value="study"' in answer.text


def test_one_more_album_is_offered_without_anything_being_saved(gateway: Gateway, anna: TestClient) -> None:
    page = anna.post(NEW, data={**STOW, "act": "more:kheops_albums"}).text

    assert 'id="kheops_albums.0.name"' in page
    assert 'value="kheops"' in page
    assert 'data-guard="dirty"' in page
    assert gateway.configurations.current().version == 1


def test_a_header_is_made_in_the_form_and_a_second_one_is_refused(anna: TestClient) -> None:
    login = {"act": "authorization", "authorization.scheme": "Basic", "authorization.username": "u"}

    made = anna.post(NEW, data={**STOW, **login, "authorization.password": "p"}).text
    refused = anna.post(NEW, data={**STOW, **login, "headers": "Authorization: Basic dTpw"}).text

    assert "Authorization: Basic dTpw</textarea>" in made
    assert "there is only one Authorization" in refused
    assert "Put it into the headers" not in anna.get("/destination/new?node=PHILAE&kind=dicom").text


def test_who_has_no_project_yet_is_told_how_to_begin(tmp_path: Path) -> None:
    with web_gateway(tmp_path, "forward_nodes: [{ae_title: PHILAE}]") as gateway:
        page = signed_in(gateway, Role.ADMIN).get(NEW).text

    assert "There is no project yet." in page
    assert 'href="/project/new"' in page


@pytest.mark.parametrize("path", ["/destination/delete?id=1", "/node/delete?name=PHILAE"])
def test_who_deletes_is_told_that_what_waits_fails_and_how_it_goes_on(anna: TestClient, path: str) -> None:
    page = anna.get(path).text

    assert re.search(r"what waits( for it)? fails, and can be tried again once .* there again", page)
