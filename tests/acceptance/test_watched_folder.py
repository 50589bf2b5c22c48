"""Files that are put into a watched folder are de-identified and delivered like what a sender sends."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.archives import until
from tests.support.documents import document, node, to_folder
from tests.support.gateway import Gateway
from tests.support.scans import assert_deidentified, scans


def test_a_study_and_an_archive_dropped_into_a_folder_arrive(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", slices=6)
    watched, out = tmp_path / "in", tmp_path / "out"
    watched.mkdir()
    configured = node(to_folder(out), watch=[{"path": str(watched), "settle_s": 0.2}])
    gateway = Gateway(tmp_path / "data", document(configured)).start()
    try:
        shutil.copytree(tmp_path / "sent", watched / "study")
        shutil.make_archive(str(tmp_path / "study"), "zip", tmp_path / "sent")
        shutil.copy(tmp_path / "study.zip", watched)
        (watched / "letter.txt").write_text("no instance")
        until(lambda: gateway.status()["instances"]["accepted"] == 12, "both copies are accepted")
        counts = gateway.settled()
        until((watched / "refused" / "letter.txt").exists, "the letter is put aside")
    finally:
        gateway.stop()

    assert counts["sent"] == counts["opened"] == 12
    assert_deidentified(list(out.rglob("*.dcm")), sent)
    assert [path.name for path in watched.rglob("*") if path.is_file()] == ["letter.txt"]
