from __future__ import annotations

import os
from pathlib import Path

import pytest

from philae.admin.doctor import Verdict
from philae.destinations.folder import FolderSettings
from philae.destinations.folder import doctor as module
from tests.support.examining import failure, findings, verdicts


def test_a_folder_that_is_well_is_left_as_it_was(tmp_path: Path) -> None:
    found = findings(FolderSettings(path=tmp_path))

    assert {each.verdict for name, each in found.items() if name != "trial delivery"} <= {Verdict.OK, Verdict.WARNING}
    assert found["trial delivery"].verdict is Verdict.SKIPPED
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    found = findings(FolderSettings(path=tmp_path / "share" / "out"))

    assert found["folder"].verdict is Verdict.WARNING
    assert "mount" in found["folder"].advice
    assert found["delete"].verdict is Verdict.OK
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_fails(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")

    assert "is no folder" in failure(findings(FolderSettings(path=tmp_path / "out"))).message


def test_little_room_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LITTLE_BYTES", 1 << 62)

    found = findings(FolderSettings(path=tmp_path))

    assert (found["room"].verdict, found["write"].verdict) == (Verdict.WARNING, Verdict.OK)


def test_a_disk_that_refuses_says_why_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)

    found = findings(FolderSettings(path=tmp_path))

    assert verdicts(found)["rename"] == "failed"
    assert "Permission denied" in failure(found).message
    assert list(tmp_path.iterdir()) == []


def test_a_trial_delivery_leaves_one_made_up_instance_however_often(tmp_path: Path) -> None:
    first, second = (findings(FolderSettings(path=tmp_path), store=True)["trial delivery"] for _ in range(2))

    assert (first.verdict, second.verdict) == (Verdict.OK, Verdict.OK)
    assert [first.message.split(":")[0], second.message.split(":")[0]] == ["SENT", "ALREADY_PRESENT"]
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == 1
