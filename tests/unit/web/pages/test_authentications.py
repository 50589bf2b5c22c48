"""Authentications are made, shown without their secret, and deleted with a warning."""

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

MADE = {
    "name": "registry",
    "token_url": "https://login.example.org/token",
    "client_id": "philae",
    "client_secret": "never to be seen",
    "scope": "patients.read",
}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    asking = {"kind": "api", "url": "https://p.example.org", "response_path": "/a", "authentication": "registry"}
    destination = to_folder(tmp_path / "out", deidentify={"project": "Trial", "pseudonym": asking})
    with web_gateway(tmp_path, document(node(destination), web_services={"authentications": [MADE]})) as gateway:
        yield gateway


@pytest.fixture
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def sent(gateway: Gateway, **fields: str) -> dict[str, str]:
    return {"version": str(gateway.configurations.current().version), **MADE, **fields}


def test_what_is_made_is_kept_with_its_secret_which_nobody_is_shown(gateway: Gateway, anna: TestClient) -> None:
    made = anna.post("/authentication/new", data=sent(gateway, name="other"))

    pages = anna.get("/authentications").text + anna.get("/audit").text
    kept = gateway.configurations.current().web_services.authentication("other")

    assert made.status_code == 303, made.text
    assert kept is not None
    assert kept.client_secret == MADE["client_secret"]
    assert pages.count("https://login.example.org/token") >= 2
    assert MADE["client_secret"] not in pages


def test_a_fault_stands_at_its_field_and_a_name_is_taken_once(gateway: Gateway, anna: TestClient) -> None:
    faulty = anna.post("/authentication/new", data=sent(gateway, name="other", token_url="ftp://x", client_id=""))
    taken = anna.post("/authentication/new", data=sent(gateway))

    assert faulty.status_code == taken.status_code == 422
    assert re.search(r'id="token_url-hint">token_url must begin with', faulty.text)
    assert re.search(r'id="client_id-hint">', faulty.text)
    assert "there is an authentication &#39;registry&#39; already" in taken.text
    assert MADE["client_secret"] not in faulty.text + taken.text


def test_who_deletes_it_is_told_who_uses_it(gateway: Gateway, anna: TestClient) -> None:
    shown = anna.get("/authentication/delete?name=registry")

    assert "destination PHILAE/local" in shown.text
    assert anna.get("/authentication/delete?name=nothing").status_code == 404


def test_what_nobody_uses_is_deleted(gateway: Gateway, anna: TestClient) -> None:
    anna.post("/authentication/new", data=sent(gateway, name="other"))

    deleted = anna.post("/authentication/delete?name=other", data=sent(gateway))

    assert deleted.status_code == 303
    assert gateway.configurations.current().web_services.authentication("other") is None
