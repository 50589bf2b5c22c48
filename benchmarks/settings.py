"""How much is measured, and where."""

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MEMORY_FOLDER = Path("/dev/shm")
GET_FLAGS = 0x80086601
SET_FLAGS = 0x40086602
TOP_OF_HIERARCHIES = 0x00020000
"""FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL (ioctl_iflags(2))."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The size of a run; the defaults are the full one."""

    folder: Path
    rounds: int = 3
    ct: int = 1000
    small: int = 1000
    slow_sender: int = 60
    engine_files: int = 300
    command_files: int = 5000
    frames: int = 1000
    delivered: int = 400
    associations: tuple[int, ...] = (1, 4, 16)
    latencies: int = 200
    idle_s: float = 10.0
    ledger_rows: tuple[int, int] = (1_000, 1_000_000)
    postgres_rows: int = 10_000_000
    outage: int = 20_000
    time_limit_s: float = 180.0
    command_limit_s: float = 900.0
    peers: frozenset[str] = frozenset()

    @property
    def workloads(self) -> Path:
        """Where generated instances are kept from one run to the next."""
        return self.folder / "workload"

    def wants(self, peer: str) -> bool:
        """Tell whether ``peer`` takes part; all do unless some were named."""
        return not self.peers or any(peer.casefold().startswith(name.casefold()) for name in self.peers)

    @contextmanager
    def disk_folder(self) -> Iterator[Path]:
        """Give a fresh folder on the disk that is measured, and remove it afterwards."""
        runs = self.folder / "runs"
        runs.mkdir(parents=True, exist_ok=True)
        _spread(runs)
        with _fresh_folder(runs) as folder:
            yield folder

    @contextmanager
    def memory_folder(self) -> Iterator[Path]:
        """Give a fresh folder in memory where there is such a file system, so that a receiver costs no disk."""
        with _fresh_folder(MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None) as folder:
            yield folder


def quick(folder: Path) -> Settings:
    """Return settings for a look within minutes; the figures are noisy."""
    return Settings(
        folder,
        rounds=1,
        ct=200,
        small=200,
        slow_sender=20,
        engine_files=60,
        command_files=100,
        frames=300,
        delivered=100,
        latencies=50,
        idle_s=3.0,
        ledger_rows=(1_000, 50_000),
        postgres_rows=100_000,
        outage=500,
        time_limit_s=60.0,
        command_limit_s=60.0,
    )


def _spread(folder: Path) -> None:
    """Have ext4 put each folder in it elsewhere on the disk.

    Where the files of the run before were deleted, a new one would cost more: ext4 looks at every inode that was freed
    in the last minutes.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    with suppress(OSError):  # other file systems have no such flag
        flags = int.from_bytes(fcntl.ioctl(descriptor, GET_FLAGS, bytes(8)), sys.byteorder)
        fcntl.ioctl(descriptor, SET_FLAGS, (flags | TOP_OF_HIERARCHIES).to_bytes(8, sys.byteorder))
    os.close(descriptor)


@contextmanager
def _fresh_folder(parent: Path | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="philae-bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
