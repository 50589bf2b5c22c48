"""One object of half a gigabyte through each gateway: how much memory it adds, and how long it takes."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.chain import GATEWAYS, NOTHING_BETWEEN, Gateway, start_chain, wait_for_files
from benchmarks.measure import Case, Sample
from benchmarks.processes import Server
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, multiframe

WARM_UP = 20
STILL_S = 1.0


def cases(settings: Settings) -> Iterator[Case]:
    """Return the relay of one multi-frame object, by each gateway and with nothing between."""
    workload = multiframe(settings.workloads, settings.frames)
    name = f"{workload.bytes / 1e6:.0f} MB"
    if settings.wants(NOTHING_BETWEEN):
        yield Case("memory", name, 1, NOTHING_BETWEEN, partial(_relay, settings, None, workload))
    for gateway in GATEWAYS:
        if settings.wants(gateway.name):
            yield Case("memory", name, 1, gateway.name, partial(_relay, settings, gateway, workload))


def _relay(settings: Settings, gateway: Gateway | None, workload: Workload) -> Sample:
    with ExitStack() as stack:
        chain = start_chain(stack, settings, gateway, 1)
        send(ct(settings.workloads, WARM_UP), chain.target, 1, timeout_s=settings.time_limit_s)
        wait_for_files(chain.inbox, WARM_UP, settings.time_limit_s)
        before = _peaks(chain.gateway)
        began = time.perf_counter()
        sending = send(workload, chain.target, 1, timeout_s=settings.time_limit_s)
        arrived = wait_for_files(chain.inbox, WARM_UP + 1, settings.time_limit_s)
        figures = {"seconds": _settled(chain.inbox) - began}
        if chain.gateway:
            after = _peaks(chain.gateway)
            figures["peak_mb"] = max(after.values())
            figures["added_mb"] = max(after[pid] - before.get(pid, 0.0) for pid in after)
    faults = [*sending.faults, *([] if arrived == WARM_UP + 1 else [f"{arrived} of {WARM_UP + 1} arrived"])]
    return Sample(figures, "; ".join(faults))


def _settled(inbox: Path) -> float:
    """Return ``time.perf_counter()`` when the files in ``inbox`` last grew; a large one appears before it is complete."""
    size, grew = -1, time.perf_counter()
    while time.perf_counter() - grew < STILL_S:
        if (now := sum(path.stat().st_size for path in inbox.iterdir())) != size:
            size, grew = now, time.perf_counter()
        time.sleep(0.02)
    return grew


def _peaks(gateway: Server | None) -> dict[int, float]:
    if gateway is None:
        return {}
    gateway.look()
    return dict(gateway.peaks_mb)
