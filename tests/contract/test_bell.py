"""What the bell between processes promises."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from philae.work.local import LocalBell

LONG_S = 3600.0
"""Longer than a test may take: a ring that is missed fails it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Longer than a socket's path may be."""
    return tmp_path / ("long" * 30) / "run"


@pytest.fixture
def bells(folder: Path) -> Iterator[tuple[LocalBell, LocalBell]]:
    ringing, waiting = LocalBell(folder), LocalBell(folder)
    yield ringing, waiting
    ringing.close()
    waiting.close()


def waiting_thread(bell: LocalBell, ready: threading.Event) -> threading.Thread:
    def wait() -> None:
        bell.wait(0)
        ready.set()
        bell.wait(LONG_S)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_ring_wakes_every_waiting_thread(bells: tuple[LocalBell, LocalBell]) -> None:
    ringing, waiting = bells
    ready = [threading.Event() for _ in range(5)]
    threads = [waiting_thread(waiting, event) for event in ready]
    for event in ready:
        event.wait()

    ringing.ring()
    for thread in threads:
        thread.join()


def test_a_ring_between_looking_and_waiting_is_not_missed(bells: tuple[LocalBell, LocalBell]) -> None:
    ringing, waiting = bells
    waiting.wait(0)
    ringing.ring()

    waiting.wait(LONG_S)


def test_a_process_hears_its_own_ring(bells: tuple[LocalBell, LocalBell]) -> None:
    _, waiting = bells
    waiting.wait(0)
    waiting.ring()

    waiting.wait(LONG_S)


def test_waiting_ends_when_nobody_rings(bells: tuple[LocalBell, LocalBell]) -> None:
    _, waiting = bells
    waiting.wait(0)

    waiting.wait(0.01)


def test_ringing_never_blocks_however_often(bells: tuple[LocalBell, LocalBell], folder: Path) -> None:
    ringing, _ = bells
    folder_descriptor = os.open(folder, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(f"/proc/self/fd/{folder_descriptor}/deaf.bell")

        for _ in range(10_000):
            ringing.ring()
    os.close(folder_descriptor)


def test_sockets_of_dead_processes_are_swept(folder: Path) -> None:
    program = f"""
import os
from pathlib import Path
from philae.work.local import LocalBell
LocalBell(Path({str(folder)!r})).wait(0)
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", program], check=False)
    assert list(folder.glob("*.bell"))
    bell = LocalBell(folder)

    bell.ring()

    assert not list(folder.glob("*.bell"))
    bell.close()


def test_a_closed_bell_leaves_no_socket(folder: Path) -> None:
    bell = LocalBell(folder)
    bell.wait(0)
    bell.close()

    for thread in threading.enumerate():
        if thread.name == "bell":
            thread.join()
    assert not list(folder.glob("*.bell"))


def test_a_process_that_rings_only_has_no_socket(folder: Path) -> None:
    bell = LocalBell(folder)
    bell.ring()
    bell.close()

    assert not list(folder.glob("*.bell"))
