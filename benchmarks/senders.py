"""DCMTK storescu as the sender: several at once, each with its share of the files."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import HOST, Server, nodelay, system_program
from benchmarks.workload import Workload

PDU = "131072"


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of the senders: how long they took, and how many said that something went wrong."""

    elapsed_s: float
    faults: tuple[str, ...]


def send(
    workload: Workload,
    server: Server,
    associations: int,
    *,
    timeout_s: float,
    nagle: bool = False,
    options: Sequence[str] = (),
) -> Sending:
    """Send every file of ``workload`` over ``associations`` associations; return when all senders have ended.

    ``options`` are further ones of storescu, those of TLS for example.
    """
    began = time.perf_counter()
    senders = [_storescu(share, server, options, nagle=nagle) for share in workload.shares(associations) if share]
    faults = [fault for sender in senders if (fault := _end(sender, began + timeout_s))]
    return Sending(time.perf_counter() - began, tuple(faults))


def _storescu(files: Sequence[Path], server: Server, options: Sequence[str], *, nagle: bool) -> subprocess.Popen[bytes]:
    command = [system_program("storescu"), "-R", "-nh", "-aet", "BENCH", "-aec", server.ae_title, "-xv"]
    command += [] if nagle else ["-pdu", PDU]
    command += [*options, HOST, str(server.port), *map(str, files)]
    return subprocess.Popen(
        command, env=nodelay(on=not nagle), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _end(sender: subprocess.Popen[bytes], deadline: float) -> str:
    """Wait for ``sender`` and return what it complains about."""
    try:
        _, complaint = sender.communicate(timeout=max(0.1, deadline - time.perf_counter()))
    except subprocess.TimeoutExpired:
        sender.kill()
        sender.communicate()
        return "storescu was ended after its time limit"
    if sender.returncode:
        return complaint.decode(errors="replace")[-500:] or f"storescu ended with {sender.returncode}"
    return ""
