from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from philae.destinations.folder import FolderSender, FolderSettings
from philae.destinations.folder import batch as module
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import TryAgain
from philae.pipeline.ports import SpoolFileMissing
from tests.support.lanes import ct_dataset, make_node, outgoing_of


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was synced, in order."""
    told: list[str] = []

    def told_by(sync: Callable[[int], None]) -> Callable[[int], None]:
        def syncing(descriptor: int) -> None:
            told.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
            sync(descriptor)

        return syncing

    monkeypatch.setattr(os, "fdatasync", told_by(os.fdatasync))
    monkeypatch.setattr(os, "fsync", told_by(os.fsync))
    return told


def sender(root: Path) -> FolderSender:
    return FolderSender(FolderSettings(path=root), make_node())


def some(count: int) -> list[Outgoing]:
    return [outgoing_of(number, ct_dataset(f"1.2.3.{number}")) for number in range(1, count + 1)]


def names(root: Path) -> list[str]:
    return sorted(each.name for each in root.rglob("*") if each.is_file())


def unreadable(outgoing: Outgoing) -> Outgoing:
    class Lost:
        length = 10

        def head(self, size: int) -> bytes:
            return outgoing.body.head(size)

        def buffers(self) -> Iterator[bytes]:
            raise SpoolFileMissing("it is gone")

    return replace(outgoing, body=Lost())  # type: ignore[arg-type]  # a fake of what is used of a body


def test_nothing_is_answered_before_all_of_it_is_durable(tmp_path: Path, synced: list[str]) -> None:
    root = tmp_path / "out"
    answers = sender(root).deliver(set(), iter(some(3)))

    next(answers)

    assert synced[:3] == [".1-1.part", ".2-1.part", ".3-1.part"]
    assert sorted(synced[3:]) == sorted([tmp_path.name, "out", "1.2", "1.2.3"]), "the folders that were made, too"


def test_what_is_already_present_is_made_durable_as_well(tmp_path: Path, synced: list[str]) -> None:
    list(sender(tmp_path).deliver(set(), iter(some(1))))
    synced.clear()

    list(sender(tmp_path).deliver(set(), iter(some(1))))

    assert "1.2.3" in synced


def test_a_file_has_no_name_of_its_own_before_it_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(os, "fdatasync", lambda _: seen.extend(names(tmp_path)))

    list(sender(tmp_path).deliver(set(), iter(some(2))))

    assert set(seen) == {".1-1.part", ".2-1.part"}


@pytest.mark.parametrize("limit, most", [("MOST_FILES", 2), ("MOST_BYTES", 1), ("LONGEST_S", 0.0)])
def test_files_do_not_wait_for_many_large_or_slow_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: float
) -> None:
    monkeypatch.setattr(module, limit, most)
    asked: list[Outgoing] = []

    def asking() -> Iterator[Outgoing]:
        for outgoing in some(5):
            asked.append(outgoing)
            yield outgoing

    first, _ = next(sender(tmp_path).deliver(set(), asking()))

    assert first is asked[0]
    assert len(asked) < 5


def test_those_before_one_that_cannot_be_read_are_delivered(tmp_path: Path) -> None:
    one, other, third = some(3)
    answers = sender(tmp_path).deliver(set(), iter([one, other, unreadable(third)]))

    delivered = [next(answers), next(answers)]
    with pytest.raises(SpoolFileMissing):
        next(answers)

    assert [outgoing for outgoing, _ in delivered] == [one, other]
    assert names(tmp_path) == ["1.2.3.1.dcm", "1.2.3.2.dcm"]


def test_those_before_one_that_does_not_fit_are_delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = module._write

    def full_at_third(file: object, outgoing: Outgoing) -> None:
        if outgoing.delivery.instance.id == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(file, outgoing)  # type: ignore[arg-type]  # it is what was given

    monkeypatch.setattr(module, "_write", full_at_third)
    answers = sender(tmp_path).deliver(set(), iter(some(3)))

    delivered = [next(answers)[1], next(answers)[1]]
    with pytest.raises(TryAgain, match="No space left"):
        next(answers)

    assert all(isinstance(each, Receipt) for each in delivered)
    assert names(tmp_path) == ["1.2.3.1.dcm", "1.2.3.2.dcm"]


def test_what_is_given_up_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[Outgoing]:
        yield from some(2)
        raise ValueError("the next could not be prepared")

    with pytest.raises(ValueError, match="prepared"):
        list(sender(tmp_path).deliver(set(), broken()))

    assert names(tmp_path) == []
