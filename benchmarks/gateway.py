"""The whole path: DCMTK senders, a gateway that de-identifies, a DCMTK receiver; timed until the last file has arrived."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from benchmarks.chain import GATEWAYS, NOTHING_BETWEEN, Gateway, start_chain, wait_for_files
from benchmarks.latency import loaded
from benchmarks.measure import Case, Sample
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, small

SETTLE_S = 0.5
SHARE_OF_SLOW = 4


def cases(settings: Settings) -> Iterator[Case]:
    """Return nothing between, then each gateway, for each workload and number of associations; then latencies under load."""
    gateways = [gateway for gateway in GATEWAYS if settings.wants(gateway.name)]
    for workload in (ct(settings.workloads, settings.ct), small(settings.workloads, settings.small)):
        quarter = workload.first(max(1, len(workload.files) // SHARE_OF_SLOW))
        for associations in settings.associations:
            if settings.wants(NOTHING_BETWEEN):
                run = partial(_relay, settings, None, workload, associations)
                yield Case("gateway", workload.name, associations, NOTHING_BETWEEN, run)
            for gateway in gateways:
                run = partial(_relay, settings, gateway, quarter if gateway.slow else workload, associations)
                yield Case("gateway", workload.name, associations, gateway.name, run)
    workload = ct(settings.workloads, settings.latencies)
    for associations in settings.associations:
        for gateway in gateways:
            run = partial(_latency, settings, gateway, workload, associations)
            yield Case("latency", f"{workload.name}, loaded", associations, gateway.name, run)


def _relay(settings: Settings, gateway: Gateway | None, workload: Workload, associations: int) -> Sample:
    count = len(workload.files)
    with ExitStack() as stack:
        chain = start_chain(stack, settings, gateway, associations)
        before = chain.gateway.cpu_s() if chain.gateway else 0.0
        began = time.perf_counter()
        sending = send(workload, chain.target, associations, timeout_s=settings.time_limit_s)
        arrived = wait_for_files(chain.inbox, count, settings.time_limit_s - sending.elapsed_s)
        elapsed = time.perf_counter() - began
        figures = {"rate": count / elapsed, "sender_rate": count / sending.elapsed_s}
        if chain.gateway:
            time.sleep(SETTLE_S)
            figures["cpu_ms"] = 1000 * (chain.gateway.cpu_s() - before) / count
            figures["peak_mb"] = chain.gateway.peak_mb()
    faults = [*sending.faults, *([f"{arrived} of {count} arrived"] if arrived != count else [])]
    return Sample(figures, "; ".join(faults))


def _latency(settings: Settings, gateway: Gateway, workload: Workload, associations: int) -> Sample:
    with ExitStack() as stack:
        chain = start_chain(stack, settings, gateway, associations)
        return loaded(chain.target, workload, associations, chain.inbox, settings.time_limit_s)
