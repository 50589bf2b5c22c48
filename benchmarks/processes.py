"""Servers under measurement: started on a free port, watched through /proc, ended by the pids that were started."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0
WATCH_INTERVAL_S = 0.5


class PeerMissing(RuntimeError):
    """A program that the benchmark compares with is not installed."""


class PeerFailed(RuntimeError):
    """A program did not start, or ended before its time."""


def system_program(name: str) -> str:
    """Return the path of a system program; the virtual environment has others of the same names (pynetdicom's)."""
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        raise PeerMissing(f"{name} is not installed; 'make peers' installs what the benchmarks compare with")
    return found


def free_port() -> int:
    """Return a TCP port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def nodelay(*, on: bool = True) -> dict[str, str]:
    """Return the environment in which DCMTK (and Orthanc, which is built on it) turns Nagle's algorithm off."""
    environment = {key: value for key, value in os.environ.items() if key != "TCP_NODELAY"}
    return environment | ({"TCP_NODELAY": "1"} if on else {})


@dataclass(slots=True)
class Server:
    """A running server and all the processes it started."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    ae_title: str = "ANY"
    peaks_mb: dict[int, float] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    _done: Event = field(default_factory=Event)
    _watcher: Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def await_port(self, port: int) -> None:
        """Wait until it listens there.

        Raises:
            PeerFailed: it ended, or does not listen in time; the message holds the end of what it printed.

        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while not _listens(port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise PeerFailed(f"{self.name} does not listen on port {port}:\n{_tail(self.log)}")
            time.sleep(0.02)

    def cpu_s(self) -> float:
        """Return the CPU seconds of the whole tree so far, children that ended included."""
        return sum(_cpu_s(pid) for pid in tree(self.process.pid))

    def look(self) -> None:
        """Note the peak resident memory of every process of the tree."""
        for pid in tree(self.process.pid):
            peak = peak_mb_of(pid)
            if peak > self.peaks_mb.get(pid, 0.0):
                self.peaks_mb[pid] = peak
                self.labels.setdefault(pid, _label(pid))

    def peak_mb(self) -> float:
        """Return the highest peak of any one process."""
        self.look()
        return max(self.peaks_mb.values(), default=0.0)

    def watch(self) -> None:
        """Look at memory now and then, so that processes which end are counted too."""

        def loop() -> None:
            while not self._done.wait(WATCH_INTERVAL_S):
                self.look()

        self._watcher = Thread(target=loop, daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End the tree: politely first, then at once."""
        self._done.set()
        if self._watcher is not None:
            self._watcher.join()
        pids = tree(self.process.pid)
        _signal([self.process.pid], signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            _signal([self.process.pid], signal.SIGKILL)
            self.process.wait()
        _signal(_of_group(pids[1:], self.process.pid), signal.SIGKILL)


def start(
    name: str,
    command: Sequence[str],
    port: int,
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    ae_title: str = "ANY",
) -> Server:
    """Start ``command`` in ``folder`` and wait until it accepts connections on ``port``.

    Raises:
        PeerFailed: it ended, or does not listen in time; the message holds the end of what it printed.

    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name.replace(' ', '-').replace('/', '-')}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    server = Server(name, process, port, log, ae_title)
    server.await_port(port)
    server.watch()
    return server


def tree(pid: int) -> list[int]:
    """Return ``pid`` and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for parent in found:
        found.extend(children.get(parent, ()))
    return found


def peak_mb_of(pid: int) -> float:
    """Return the highest resident memory that process ``pid`` ever had, or 0 when it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/pid/stat after the program's name (state first), or nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu_s(pid: int) -> float:
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / TICKS_PER_S if fields else 0.0


def _label(pid: int) -> str:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        return " ".join(Path(word).name for word in words if word and not word.startswith("-"))[:60]
    return ""


def _of_group(pids: Sequence[int], group: int) -> Iterator[int]:
    """Return those of ``pids`` that still belong to the session we started, so that no reused pid is hit."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(pid) == group:
                yield pid


def _signal(pids: Iterator[int] | Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
