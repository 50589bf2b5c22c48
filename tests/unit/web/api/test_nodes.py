"""Forward nodes and destinations by the REST API."""

from __future__ import annotations

from philae.web.gateway import Gateway
from tests.support.api import Api, told

FOLDER = {"name": "second", "kind": "folder", "path": "/out/second", "deidentify": {"project": "Trial"}}


def test_a_node_is_added_read_replaced_and_deleted(api: Api, gateway: Gateway) -> None:
    added = api("POST", "/nodes", {"ae_title": "NORTH", "sources": [{"ae_title": "CT1"}]})
    replaced = api("PUT", "/nodes/NORTH", {"ae_title": "NORTH", "description": "the north wing"})
    read = api("GET", "/nodes/NORTH")
    deleted = api("DELETE", "/nodes/NORTH")

    assert (added.status_code, added.json()["ae_title"]) == (201, "NORTH")
    assert replaced.json() == read.json() == {"ae_title": "NORTH", "description": "the north wing"}
    assert deleted.status_code == 204
    assert api("GET", "/nodes/NORTH").status_code == 404
    assert told(gateway) == [
        ("token program", action, "NORTH")
        for action in ("forward-node.created", "forward-node.changed", "forward-node.deleted")
    ]


def test_a_node_that_is_replaced_keeps_its_destinations(api: Api, gateway: Gateway) -> None:
    before = api("GET", "/nodes/PHILAE/destinations").json()

    answer = api("PUT", "/nodes/PHILAE", {"ae_title": "PHILAE", "description": "changed"})

    assert answer.status_code == 200
    assert [each["name"] for each in before] == ["local", "archive"]
    assert api("GET", "/nodes/PHILAE/destinations").json() == before
    assert api("PUT", "/nodes/PHILAE", {"ae_title": "PHILAE", "destinations": []}).status_code == 409


def test_a_destination_is_added_read_replaced_and_deleted(api: Api, gateway: Gateway) -> None:
    place = "/nodes/PHILAE/destinations"

    added = api("POST", place, FOLDER)
    replaced = api("PUT", f"{place}/second", {**FOLDER, "path": "/out/third"})
    deleted = api("DELETE", f"{place}/second")

    assert (added.status_code, added.json()["path"]) == (201, "/out/second")
    assert (replaced.status_code, replaced.json()["path"]) == (200, "/out/third")
    assert deleted.status_code == 204
    assert [each["name"] for each in api("GET", place).json()] == ["local", "archive"]
    assert told(gateway)[-1] == ("token program", "destination.deleted", "PHILAE/second")


def test_what_was_read_can_be_put_back_with_its_secret(api: Api, gateway: Gateway) -> None:
    place = "/nodes/PHILAE/destinations/archive"
    read = api("GET", place)

    back = api("PUT", place, read.json(), if_match=read.headers["etag"])

    assert "well-kept" not in read.text
    assert back.headers["etag"] == read.headers["etag"]
    settings = gateway.configurations.current().forward_nodes[0].destinations[1].settings
    assert settings.model_dump()["basic"]["password"] == "well-kept"


def test_a_name_that_is_taken_or_changed_is_refused(api: Api) -> None:
    taken = api("POST", "/nodes/PHILAE/destinations", {**FOLDER, "name": "local"})
    renamed = api("PUT", "/nodes/PHILAE/destinations/local", FOLDER)

    assert (taken.status_code, renamed.status_code) == (409, 409)
    assert "'local'" in taken.json()["detail"]
    assert api("POST", "/nodes", {"ae_title": "PHILAE"}).status_code == 409


def test_every_fault_of_a_destination_is_told_and_nothing_changes(api: Api, gateway: Gateway) -> None:
    before = gateway.configurations.current().version

    answer = api("POST", "/nodes/PHILAE/destinations", {"name": "x", "kind": "dicom", "port": 0, "colour": "red"})

    assert answer.status_code == 422
    assert {each["path"].rpartition(".")[2] for each in answer.json()["faults"]} >= {"port", "colour", "hostname"}
    assert gateway.configurations.current().version == before


def test_who_read_before_somebody_else_changed_it_is_told_so(api: Api, gateway: Gateway) -> None:
    place = "/nodes/PHILAE/destinations/local"
    read = api("GET", place)
    first = api("PUT", place, {**read.json(), "description": "first"}, if_match=read.headers["etag"])

    second = api("PUT", place, {**read.json(), "description": "second"}, if_match=read.headers["etag"])
    other = api("DELETE", "/nodes/PHILAE/destinations/archive", if_match=read.headers["etag"])

    assert first.status_code == 200
    assert second.status_code == 412
    assert api("GET", place).json()["description"] == "first"
    assert other.status_code == 204, "nobody touched that one"


def test_a_target_cannot_be_deleted_while_a_destination_names_it(api: Api) -> None:
    target = {"name": "pacs", "kind": "folder", "path": "/out/pacs"}
    assert api("POST", "/targets", target).status_code == 201
    assert api("POST", "/nodes/PHILAE/destinations", {"name": "there", "target": "pacs"}).status_code == 201

    refused = api("DELETE", "/targets/pacs")

    assert refused.status_code == 409
    assert "PHILAE/there" in refused.json()["detail"]
    assert api("GET", "/targets/pacs/uses").json() == ["PHILAE/there"]
    assert api("DELETE", "/nodes/PHILAE/destinations/there").status_code == 204
    assert api("DELETE", "/targets/pacs").status_code == 204
