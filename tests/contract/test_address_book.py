"""What an address book promises, on both databases."""

from __future__ import annotations

import pytest

from philae.admin.address_book import DicomNode, WebEndpoint
from philae.store.address_book import dicom_nodes, web_endpoints
from philae.store.database import Database

ARCHIVE = DicomNode(description="Archive", ae_title="ARCHIVE", hostname="10.0.0.5", port=104, group="Main")
RIS = DicomNode(description="RIS", ae_title="RIS", hostname="ris.local", port=105, kind="worklist", group="Main")
ELSEWHERE = ARCHIVE.model_copy(update={"group": "Backup"})


def test_what_is_added_is_kept_by_group_and_description(database: Database) -> None:
    nodes, endpoints = dicom_nodes(database), web_endpoints(database)
    rs = WebEndpoint(url="https://archive.example.org/rs", services=("WADO-RS", "STOW-RS"), group="Main")

    assert nodes.add([RIS, ARCHIVE, ELSEWHERE]) == 3
    assert endpoints.add([rs]) == 1

    assert [entry for _, entry in nodes.all()] == [ELSEWHERE, ARCHIVE, RIS]
    assert [entry for _, entry in endpoints.all()] == [rs]
    assert RIS.kind == "WORKLIST"


def test_an_address_is_once_in_a_group(database: Database) -> None:
    nodes = dicom_nodes(database)
    again = ARCHIVE.model_copy(update={"description": "The same"})

    assert nodes.add([ARCHIVE, again]) == 1
    assert nodes.add([again, RIS]) == 1

    assert [entry for _, entry in nodes.all()] == [ARCHIVE, RIS]


def test_an_entry_is_changed_unless_its_address_is_taken(database: Database) -> None:
    nodes = dicom_nodes(database)
    nodes.add([ARCHIVE, RIS])
    (first, _), (second, _) = nodes.all()

    assert nodes.change(first, ARCHIVE.model_copy(update={"port": 11112, "description": "A"}))
    assert not nodes.change(second, ARCHIVE.model_copy(update={"port": 11112}))
    with pytest.raises(LookupError):
        nodes.change(999, ELSEWHERE)

    assert [entry.named for _, entry in nodes.all()] == ["ARCHIVE@10.0.0.5:11112", "RIS@ris.local:105"]


def test_only_what_is_named_is_deleted_or_replaced(database: Database) -> None:
    nodes = dicom_nodes(database)
    nodes.add([ARCHIVE, RIS, ELSEWHERE])
    numbers = {entry: number for number, entry in nodes.all()}

    assert nodes.delete([numbers[RIS], 999]) == 1
    assert nodes.replace([RIS], "Main") == 1
    assert [entry for _, entry in nodes.all()] == [ELSEWHERE, RIS]

    assert nodes.replace([], None) == 0
    assert nodes.all() == []
