"""Receiving to disk: DCMTK senders, and the time until the last one has heard that its last instance is safe."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.chain import DURABLE, OFF
from benchmarks.measure import Case, Sample
from benchmarks.peers.orthanc import orthanc
from benchmarks.peers.philae import philae_receiver
from benchmarks.peers.storescp import storescp
from benchmarks.processes import Server
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, jpeg2000, small

StartReceiver = Callable[[Path, int], Server]
RECEIVERS: tuple[tuple[str, StartReceiver], ...] = (
    ("storescp +B", storescp),
    (DURABLE, philae_receiver),
    (OFF, partial(philae_receiver, durability="off")),
    ("Orthanc", orthanc),
    ("Orthanc, sync off", partial(orthanc, sync=False)),
)


def cases(settings: Settings) -> Iterator[Case]:
    """Return CT, small and JPEG 2000 instances at each number of associations, then senders with Nagle's algorithm on."""
    plans: list[tuple[Workload, int, bool]] = [
        (workload, associations, False)
        for workload in (ct(settings.workloads, settings.ct), small(settings.workloads, settings.small))
        for associations in settings.associations
    ]
    plans.append((jpeg2000(settings.workloads, settings.small), 4, False))
    plans.append((small(settings.workloads, settings.slow_sender), 1, True))
    for workload, associations, nagle in plans:
        name = f"{workload.name}, default storescu" if nagle else workload.name
        for peer, start in RECEIVERS:
            if settings.wants(peer):
                run = partial(_receive, settings, start, workload, associations, nagle=nagle)
                yield Case("receive", name, associations, peer, run)


def _receive(settings: Settings, start: StartReceiver, workload: Workload, associations: int, *, nagle: bool) -> Sample:
    with settings.disk_folder() as folder, start(folder, associations) as server:
        before = server.cpu_s()
        sending = send(workload, server, associations, timeout_s=settings.time_limit_s, nagle=nagle)
        time.sleep(0.2)
        count = len(workload.files)
        figures = {
            "rate": count / sending.elapsed_s,
            "cpu_ms": 1000 * (server.cpu_s() - before) / count,
            "peak_mb": server.peak_mb(),
        }
    return Sample(figures, "; ".join(sending.faults))
