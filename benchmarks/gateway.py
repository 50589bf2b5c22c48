"""The whole path: DCMTK senders, a gateway that de-identifies, a DCMTK receiver; timed until the last file has arrived."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from benchmarks.chain import GATEWAYS, NOTHING_BETWEEN, Gateway, relay, start_chain
from benchmarks.latency import loaded
from benchmarks.measure import Case, Sample
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, small

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
        relayed = relay(chain, settings, workload, associations)
        figures = {"rate": count / relayed.elapsed_s, "sender_rate": count / relayed.sender_s}
        if chain.gateway:
            figures["cpu_ms"] = 1000 * relayed.cpu_s / count
            figures["peak_mb"] = chain.gateway.peak_mb()
    return Sample(figures, "; ".join(relayed.faults))


def _latency(settings: Settings, gateway: Gateway, workload: Workload, associations: int) -> Sample:
    with ExitStack() as stack:
        chain = start_chain(stack, settings, gateway, associations)
        return loaded(chain.target, workload, associations, chain.inbox, settings.time_limit_s)
