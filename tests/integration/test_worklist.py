"""Worklist queries against DCMTK's worklist server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from philae.admin.doctor import Verdict, examine
from philae.dimse.address import Address
from philae.dimse.errors import AssociationAborted, AssociationRejected, ConnectFailed
from philae.tools import worklist
from philae.tools.worklist import Wanted, query
from philae.tools.worklist_check import WorklistCheck
from tests.support.commands import Philae
from tests.support.listening import free_port, storescp
from tests.support.worklists import AE_TITLE, entry, worklist_server

ENTRIES = (
    entry("Muster^Anna", "A1", "MR", "20260107", station="MR1", at="1030"),
    entry("Müller^Bruno", "A2", "CT", "20260105"),
    entry("Muster^Carla", "A3", "CT", "20260106", accession_number="SPECIAL", admission_id="ADM7"),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with worklist_server(tmp_path_factory.mktemp("worklist"), *ENTRIES) as port:
        yield Address("127.0.0.1", port, AE_TITLE, "PHILAE")


def test_everything_is_found_in_the_order_in_which_it_begins(server: Address) -> None:
    found = query(server, Wanted())

    assert (found.status, found.is_cut) == (0, False)
    assert [each.patient_name for each in found.entries] == ["Müller^Bruno", "Muster^Carla", "Muster^Anna"]
    last = found.entries[-1]
    assert (last.starts, last.modality, last.station_ae_title) == ("20260107 1030", "MR", "MR1")
    assert (last.patient_id, last.patient_birth_date, last.accession_number) == ("A1", "19700101", "ACC-A1")
    assert last.description == "Thorax"
    assert "Referring Physician" in last.dump


@pytest.mark.parametrize(
    "wanted,patients",
    [
        ({"modality": "CT"}, ["A2", "A3"]),
        ({"station_ae_title": "MR1"}, ["A1"]),
        ({"patient_id": "A3"}, ["A3"]),
        ({"patient_name": "Muster*"}, ["A3", "A1"]),
        ({"accession_number": "SPECIAL"}, ["A3"]),
        ({"since": date(2026, 1, 6)}, ["A3", "A1"]),
        ({"until": date(2026, 1, 6)}, ["A2", "A3"]),
        ({"since": date(2026, 1, 6), "until": date(2026, 1, 6)}, ["A3"]),
        ({"modality": "US"}, []),
    ],
)
def test_each_filter_narrows_the_result(server: Address, wanted: dict[str, Any], patients: list[str]) -> None:
    assert [each.patient_id for each in query(server, Wanted(**wanted)).entries] == patients


def test_a_query_is_told_step_by_step_with_times(server: Address) -> None:
    check = WorklistCheck(server, Wanted(modality="CT"))

    network, found = examine(check)

    assert (network.step, network.verdict) == ("network", Verdict.OK)
    assert re.match(r"2 entries; association [\d.]+ ms, query [\d.]+ ms$", found.message)
    assert check.worklist is not None


def test_a_server_that_cannot_be_asked_is_told_with_advice(server: Address) -> None:
    refused = list(examine(WorklistCheck(replace(server, called_ae_title="NOBODY"), Wanted())))
    nowhere = list(examine(WorklistCheck(replace(server, port=free_port()), Wanted())))

    assert [(each.step, each.verdict) for each in refused] == [("network", Verdict.OK), ("C-FIND", Verdict.FAILED)]
    assert "called AE title" in refused[-1].message
    assert [each.verdict for each in nowhere] == [Verdict.FAILED, Verdict.SKIPPED]
    assert nowhere[0].advice


def test_more_entries_than_are_wanted_are_cut_off(server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist, "MOST", 2)

    found = query(server, Wanted())

    assert found.is_cut
    assert len(found.entries) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_wrong_is_told_by_what_to_do(server: Address, tmp_path: Any) -> None:
    """pynetdicom leaves its socket open when nobody listens."""
    with pytest.raises(AssociationRejected, match="AE title"):
        query(Address(server.host, server.port, "NOBODY", "PHILAE"), Wanted())
    with pytest.raises(ConnectFailed, match="cannot connect to"):
        query(Address("127.0.0.1", free_port(), AE_TITLE, "PHILAE"), Wanted())
    with storescp(tmp_path / "received") as port, pytest.raises(AssociationAborted, match="not the Modality Worklist"):
        query(Address("127.0.0.1", port, "STORE", "PHILAE"), Wanted())


def test_the_command_prints_a_line_each(server: Address, capsys: pytest.CaptureFixture[str]) -> None:
    peer = f"{AE_TITLE}@127.0.0.1:{server.port}"

    ran = Philae(capsys)("worklist", peer, "--modality", "CT", "--since", "2026-01-06")
    wrong = Philae(capsys)("worklist", f"NOBODY@127.0.0.1:{server.port}")

    assert (ran.code, wrong.code) == (0, 1)
    assert ran.out == "20260106 0900\tCT\tCT1\tMuster^Carla\tA3\t19700101\tSPECIAL\tThorax\n"
    assert "AE title" in wrong.complaint
