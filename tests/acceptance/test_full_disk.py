"""A full disk: the sender hears A700H and keeps the instance; with room again the service goes on."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.archives import until
from tests.support.datasets import encode, make_dataset, new_uid
from tests.support.deliveries import spool_files
from tests.support.documents import document, node, to_folder
from tests.support.gateway import Gateway
from tests.support.senders import store

OUT_OF_RESOURCES = 0xA700
LARGEST_FILE_BYTES = 4 << 20
LARGE_BYTES = 6 << 20
DISK_BYTES = 24 << 20
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
NO_WATERMARK = {"PHILAE_SPOOL_MIN_FREE_BYTES": "0", "PHILAE_SPOOL_MIN_FREE_PERCENT": "0"}


def status_of(gateway: Gateway, size: int = 0) -> int:
    """The answer to a new instance of about this size."""
    uid = new_uid()
    return store(gateway.port, encode(make_dataset(uid, EncapsulatedDocument=bytes(size))), uid).status


def assert_whole(gateway: Gateway, accepted: int, out: Path) -> None:
    """What was answered with Success is delivered, and nothing else was accepted."""
    assert gateway.settled()["sent"] == accepted
    assert gateway.status()["instances"]["accepted"] == accepted
    assert len(list(out.rglob("*.dcm"))) == accepted
    until(lambda: not spool_files(gateway.data), "the spool is empty")
    assert "process.died" not in gateway.log


def test_below_the_watermark_nothing_is_accepted_until_there_is_room_again(tmp_path: Path) -> None:
    nodes = document(node(to_folder(tmp_path / "out")))
    gateway = Gateway(tmp_path / "data", nodes, environment={"PHILAE_SPOOL_MIN_FREE_BYTES": str(1 << 60)})
    with gateway:
        refused = status_of(gateway)
        assert_whole(gateway, 0, tmp_path / "out")
    gateway.environment.clear()
    with gateway:
        taken = status_of(gateway)
        assert_whole(gateway, 1, tmp_path / "out")

    assert (refused, taken) == (OUT_OF_RESOURCES, 0x0000)
    assert "watermark" in gateway.log


def test_a_write_that_the_disk_refuses_is_answered_and_survived(tmp_path: Path) -> None:
    with Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out")))) as gateway:
        for pid in gateway.intakes():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (LARGEST_FILE_BYTES, resource.RLIM_INFINITY))
        refused, small = status_of(gateway, LARGE_BYTES), status_of(gateway)
        for pid in gateway.intakes():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, UNLIMITED)
        large = status_of(gateway, LARGE_BYTES)
        assert_whole(gateway, 2, tmp_path / "out")

    assert (refused, small, large) == (OUT_OF_RESOURCES, 0x0000, 0x0000)
    assert "the disk refused a write to the spool (EFBIG)" in gateway.log


@contextmanager
def own_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "philae-test", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is; the file to delete for it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
def test_a_disk_that_is_full_for_spool_and_ledger_alike_is_survived(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with own_disk(tmp_path / "disk") as disk:
        nodes = document(node(to_folder(out)))
        with Gateway(disk / "data", nodes, environment=NO_WATERMARK) as gateway:
            first = status_of(gateway)
            ballast = fill(disk)
            refused = {status_of(gateway, size) for size in (0, 64 << 10, 2 << 20)}
            time.sleep(2)
            still_refused = status_of(gateway, 1 << 20)
            ballast.unlink()
            until(lambda: status_of(gateway) == 0x0000, "an instance is taken")
            last = status_of(gateway, 2 << 20)
            assert gateway.settled()["sent"] == 3
            assert len(list(out.rglob("*.dcm"))) == 3
            assert "process.died" not in gateway.log

    assert (first, still_refused, last) == (0x0000, OUT_OF_RESOURCES, 0x0000)
    assert refused == {OUT_OF_RESOURCES}
