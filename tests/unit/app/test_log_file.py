"""Several processes write one log file, and it never grows without bounds."""

from __future__ import annotations

import logging
import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from philae.app.log_file import SharedFile

WRITERS, LINES = 4, 500


def write(path: Path, name: int, lines: int, max_bytes: int, files: int) -> None:
    handler = SharedFile(path, max_bytes, files)
    for number in range(lines):
        handler.handle(logging.makeLogRecord({"msg": f"{name}-{number} {'x' * 40}"}))
    handler.close()


def files_of(path: Path) -> list[Path]:
    return sorted(each for each in path.parent.iterdir() if not each.name.startswith("."))


def test_no_line_is_lost_or_mixed_when_processes_write_and_rotate(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "a.log"
    context = get_context("fork")
    processes = [context.Process(target=write, args=(path, name, LINES, 10_000, 50)) for name in range(WRITERS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    lines = [line for file in files_of(path) for line in file.read_text().splitlines()]

    assert len(files_of(path)) > 5
    assert sorted(lines) == sorted(f"{name}-{number} {'x' * 40}" for name in range(WRITERS) for number in range(LINES))
    assert [process.exitcode for process in processes] == [0] * WRITERS


def test_old_files_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.log"

    write(path, 1, 300, max_bytes=1000, files=3)

    assert [file.name for file in files_of(path)] == ["a.log", "a.log.1", "a.log.2"]
    assert all(file.stat().st_size < 1100 for file in files_of(path))
    assert f"1-{299} " in path.read_text()


def test_one_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.log"

    write(path, 1, 100, max_bytes=1000, files=1)

    assert [file.name for file in files_of(path)] == ["a.log"]
    assert path.stat().st_size < 1100


def test_a_file_that_was_moved_away_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    handler = SharedFile(path, 10_000, 3)

    handler.handle(logging.makeLogRecord({"msg": "first"}))
    path.rename(tmp_path / "moved")
    handler.handle(logging.makeLogRecord({"msg": "second"}))
    handler.close()

    assert path.read_text() == "second\n"


def test_a_disk_that_is_full_is_said_once_without_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = SharedFile(tmp_path / "a.log", 10_000, 3)

    def full(_descriptor: int, _line: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        handler.handle(logging.makeLogRecord({"msg": "one"}))
        handler.handle(logging.makeLogRecord({"msg": "two"}))
    handler.handle(logging.makeLogRecord({"msg": "three"}))
    handler.close()

    assert capsys.readouterr().err == '{"event": "log.unwritable", "file": "a.log", "errno": 28}\n'
    assert (tmp_path / "a.log").read_text() == "three\n"
