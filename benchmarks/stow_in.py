"""Receiving by STOW-RS: our own client, until it has heard that every instance is safe."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.chain import DURABLE
from benchmarks.deliver import AT_ONCE, by_client
from benchmarks.measure import Case, Sample
from benchmarks.peers.orthanc import orthanc_dicomweb
from benchmarks.peers.philae import AE_TITLE, data_folder, philae_program, philae_serving
from benchmarks.processes import HOST, Server, free_port
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, small

Address = Mapping[str, object]
Receiver = Callable[[Path], Iterator[tuple[Server, Address]]]
NODE = f"""\
forward_nodes:
  - {{ae_title: {AE_TITLE}, description: STOW-RS, destinations: [{{name: none, kind: report_only, paused: true}}]}}
"""


def cases(settings: Settings) -> Iterator[Case]:
    """Return both over one connection and over four."""
    receivers = ((DURABLE, _philae), ("Orthanc", partial(_orthanc, sync=True)), ("Orthanc, sync off", _orthanc))
    large, little = ct(settings.workloads, settings.delivered), small(settings.workloads, settings.delivered)
    for workload, other in ((large, little), (little, large)):
        for connections in (1, 4):
            for peer, receiver in receivers:
                if settings.wants(peer):
                    run = partial(_receive, settings, receiver, other.first(AT_ONCE), workload, connections)
                    yield Case("stow in", workload.name, connections, peer, run)


def _receive(settings: Settings, receiver: Receiver, warm_up: Workload, workload: Workload, connections: int) -> Sample:
    with settings.disk_folder() as folder, contextmanager(receiver)(folder) as (server, address):
        told = {"kind": "stow", "batch_instances": AT_ONCE, **address}
        by_client(settings, "philae", told, warm_up, 1)
        before = server.cpu_s()
        sample = by_client(settings, "philae", told, workload, connections)
        cpu_ms = 1000 * (server.cpu_s() - before) / len(workload.files)
        return Sample({**sample.figures, "cpu_ms": cpu_ms, "peak_mb": server.peak_mb()}, sample.fault)


def _philae(folder: Path) -> Iterator[tuple[Server, Address]]:
    port = free_port()
    with philae_serving(folder, NODE, extra={"PHILAE_WEB_PORT": str(port)}) as server:
        server.await_port(port)
        command = [philae_program(), "tokens", "create", "bench", "--scope=send", "--data", str(data_folder(folder))]
        token = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
        yield server, {"url": f"http://{HOST}:{port}/dicomweb/{AE_TITLE}", "token": token}


def _orthanc(folder: Path, *, sync: bool = False) -> Iterator[tuple[Server, Address]]:
    with orthanc_dicomweb(folder, sync=sync) as server:
        yield server, {"url": f"http://{HOST}:{server.port}/dicom-web"}
