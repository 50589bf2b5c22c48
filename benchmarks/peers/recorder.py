"""A receiver that keeps nothing but the SOP Instance UIDs, in the order in which they came."""

import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from benchmarks.processes import HOST, PeerFailed, Server, free_port, start
from philae.dimse.acceptor import Acceptor
from philae.dimse.associate import AssociateRequest
from philae.dimse.commands import Status
from philae.dimse.handler import Peer, StoreRequest
from philae.dimse.limits import Limits

ROOT = Path(__file__).parents[2]
POLL_S = 0.1


def recorder(folder: Path, port: int = 0) -> Server:
    """Start it; `recorded` reads what it has written."""
    port = port or free_port()
    command = [sys.executable, "-m", "benchmarks.peers.recorder", str(port), str(_record(folder))]
    return start("recorder", command, port, folder, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"})


def recorded(folder: Path) -> list[str]:
    """Return the SOP Instance UIDs so far."""
    return _record(folder).read_text().splitlines()


def await_recorded(folder: Path, count: int, limit_s: float) -> float:
    """Wait until ``count`` instances have come; return the seconds since the first. Raises `PeerFailed`."""
    deadline, first_at = time.perf_counter() + limit_s, 0.0
    while (arrived := _count(folder, count)) < count:
        now = time.perf_counter()
        first_at = first_at or (now if arrived else 0.0)
        if now > deadline:
            raise PeerFailed(f"{arrived} of {count} arrived in {folder.name}")
        time.sleep(POLL_S)
    return max(POLL_S, time.perf_counter() - first_at)


def _count(folder: Path, wanted: int) -> int:
    """Return how many different instances came; repeats are looked for only when there may be enough."""
    lines = _record(folder).read_bytes().count(b"\n")
    return len(set(recorded(folder))) if lines >= wanted else lines


def _record(folder: Path) -> Path:
    return folder / "recorded"


class _Sink:
    waits = False

    def __init__(self, uid: str, record: TextIO) -> None:
        self._uid = uid
        self._record = record

    def write(self, parts: Sequence[memoryview]) -> None:
        """Forget them."""

    def finish(self) -> Status:
        """Note that it came."""
        self._record.write(f"{self._uid}\n")
        return Status(0)

    def abandon(self) -> None:
        """It did not come."""


class _Recorder:
    def __init__(self, record: TextIO) -> None:
        self._record = record

    def admit(self, request: AssociateRequest, peer: Peer) -> None:
        """Everybody is welcome."""

    def store(self, request: StoreRequest) -> _Sink:
        """Take anything."""
        return _Sink(request.sop_instance_uid, self._record)

    def closed(self, reason: str) -> None:
        """Nothing to do."""


def main() -> None:
    """Serve until ended: PORT FILE."""
    with Path(sys.argv[2]).open("w", buffering=1) as record, socket.create_server((HOST, int(sys.argv[1]))) as listener:
        handler = _Recorder(record)
        Acceptor(listener, lambda: handler, Limits()).serve_forever()


if __name__ == "__main__":
    main()
