from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from philae.pipeline.ports import SpoolFileMissing, SpoolFull
from philae.store.instance_ids import InstanceIds
from philae.store.spool import FolderSpool
from tests.support.instances import make_incoming, make_instance


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_only_the_owner_reads_what_was_received(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool")
    spool.draft(make_incoming()).keep()

    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in (file.parent, file.parent.parent))


def test_files_are_part_10(tmp_path: Path) -> None:
    import pydicom

    spool = FolderSpool(tmp_path)
    spool.draft(make_incoming(sop_instance_uid="1.2.3.99")).keep()

    meta = pydicom.dcmread(files(tmp_path)[0]).file_meta
    assert meta.MediaStorageSOPInstanceUID == "1.2.3.99"
    assert meta.SourceApplicationEntityTitle == "CT01"


def path_of(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_full_disk_refuses_and_leaves_no_partial_file(
    error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = FolderSpool(tmp_path).draft(make_incoming())
    draft.write([memoryview(b"first")])

    def refuse(descriptor: int, parts: Sequence[bytes]) -> int:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "writev", refuse)

    with pytest.raises(SpoolFull, match=errno.errorcode[error]):
        draft.write([memoryview(b"second")])
    assert files(tmp_path) == []
    with pytest.raises(SpoolFull):
        draft.write([memoryview(b"third")])
    with pytest.raises(SpoolFull):
        draft.keep()
    draft.discard()


def test_a_disk_that_cannot_sync_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = FolderSpool(tmp_path).draft(make_incoming())

    def refuse(descriptor: int) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fdatasync", refuse)

    with pytest.raises(SpoolFull):
        draft.keep()
    assert files(tmp_path) == []


def test_short_writes_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.writev
    monkeypatch.setattr(os, "writev", lambda descriptor, parts: write(descriptor, [memoryview(parts[0])[:3]]))
    draft = FolderSpool(tmp_path).draft(make_incoming())
    draft.write([memoryview(b"abcdefg"), memoryview(b""), memoryview(b"h"), memoryview(b"ijkl")])
    draft.keep()

    assert files(tmp_path)[0].read_bytes().endswith(b"abcdefghijkl")


def test_nothing_new_is_taken_below_the_watermark(tmp_path: Path) -> None:
    for options in ({"min_free_bytes": 1 << 60}, {"min_free_percent": 100.0}):
        spool = FolderSpool(tmp_path, **options)

        with pytest.raises(SpoolFull, match="watermark"):
            spool.draft(make_incoming())


def test_without_sync_nothing_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fdatasync", None)
    monkeypatch.setattr(os, "fsync", None)

    FolderSpool(tmp_path, durable=False).draft(make_incoming()).keep()


def test_bytes_and_name_are_synced_before_keep_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool, synced = FolderSpool(tmp_path), []
    draft = spool.draft(make_incoming())
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: synced.append(path_of(descriptor)))
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(path_of(descriptor)))
    draft.keep()

    (file,) = files(tmp_path)
    assert synced == [file, file.parent]


def test_an_existing_file_is_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = FolderSpool(tmp_path).draft(make_incoming())
    numbers = iter([first.id, first.id, first.id + 1])
    monkeypatch.setattr(InstanceIds, "next", lambda _: next(numbers))

    assert FolderSpool(tmp_path).draft(make_incoming()).id == first.id + 1


def test_other_files_are_none_of_its_business(tmp_path: Path) -> None:
    from datetime import timedelta

    spool = FolderSpool(tmp_path)
    (tmp_path / "00" / "README").write_text("x")
    (tmp_path / "00" / "lost+found").mkdir()

    assert list(spool.ids(timedelta(seconds=-1))) == []


def test_a_damaged_file_counts_as_missing(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path)
    for damage in (b"", b"not DICOM" * 100):
        draft = spool.draft(make_incoming())
        draft.keep()
        for file in files(tmp_path):
            file.write_bytes(damage)

        with pytest.raises(SpoolFileMissing):
            spool.open(make_instance(draft.id))


def test_closing_a_file_frees_its_descriptor_even_while_its_bytes_are_referred_to(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path)
    draft = spool.draft(make_incoming())
    draft.write([memoryview(b"abc")])
    draft.keep()
    before = len(list(Path("/proc/self/fd").iterdir()))
    file = spool.open(make_instance(draft.id))
    view = memoryview(file.encoded.source)

    file.close()

    assert bytes(view[-3:]) == b"abc"
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
