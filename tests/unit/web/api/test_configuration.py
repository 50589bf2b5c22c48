"""The whole configuration by the REST API."""

from __future__ import annotations

from philae.web.gateway import Gateway
from tests.support.api import Api, told

YAML = {"content_type": "application/yaml"}


def test_a_rich_document_comes_back_as_it_was_read_and_changes_nothing(api: Api, gateway: Gateway) -> None:
    login = {"name": "hospital", "token_url": "https://id.example.org/t", "client_id": "c", "client_secret": "kept"}
    api("POST", "/authentications", login)
    api("POST", "/targets", {"name": "pacs", "kind": "dicom", "ae_title": "PACS", "hostname": "pacs", "port": 104})
    api("POST", "/nodes", {"ae_title": "NORTH", "sources": [{"ae_title": "CT1", "hostname": "ct1"}]})
    api("POST", "/nodes/NORTH/destinations", {"name": "there", "target": "pacs", "deidentify": {"project": "Trial"}})
    before = gateway.configurations.current()
    read = api("GET", "/configuration")

    answer = api("PUT", "/configuration", read.text, if_match=read.headers["etag"], **YAML)

    assert answer.json() == {"version": before.version, "changed": False}
    assert gateway.configurations.current() == before
    assert "kept" not in read.text


def test_a_change_is_told_once_and_a_repeat_not_at_all(api: Api, gateway: Gateway) -> None:
    text = api("GET", "/configuration").text.replace("ae_title: PHILAE", "ae_title: PHILAE\n  description: changed")

    changed = [api("PUT", "/configuration", text, **YAML).json()["changed"] for _ in range(2)]

    assert changed == [True, False]
    assert told(gateway) == [("token program", "configuration.applied", "")]


def test_whoever_read_an_older_version_is_refused(api: Api) -> None:
    read = api("GET", "/configuration")
    api("POST", "/nodes", {"ae_title": "NORTH"})

    assert api("PUT", "/configuration", read.text, if_match=read.headers["etag"], **YAML).status_code == 412
    assert api("GET", "/nodes/NORTH").status_code == 200
