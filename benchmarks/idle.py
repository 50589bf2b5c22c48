"""What a server costs when little happens: idle associations, setting up associations, one instance now and then."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from benchmarks.chain import GATEWAYS, Gateway, StartGateway
from benchmarks.latency import idle
from benchmarks.measure import Case, Sample
from benchmarks.peers.storescp import storescp
from benchmarks.scu import Association
from benchmarks.settings import Settings
from benchmarks.tap import Tap
from benchmarks.workload import Workload, ct

ASSOCIATIONS = 40
FORKING = "storescp --fork"


def cases(settings: Settings) -> Iterator[Case]:
    """Return the three for each gateway, and the first two for storescp."""
    receiver = Gateway(FORKING, lambda folder, count, _: storescp(folder, count))
    for peer, start in ((gateway.name, gateway.start) for gateway in (receiver, *GATEWAYS)):
        if settings.wants(peer):
            yield Case("idle", "associations held", ASSOCIATIONS, peer, partial(_held, settings, start))
            yield Case("idle", "associations set up", 1, peer, partial(_set_up, settings, start))
    workload = ct(settings.workloads, settings.latencies)
    for gateway in GATEWAYS:
        if settings.wants(gateway.name):
            yield Case("idle", "first byte out", 1, gateway.name, partial(_latency, settings, gateway, workload))


def _held(settings: Settings, start: StartGateway) -> Sample:
    with ExitStack() as stack:
        folder = stack.enter_context(settings.disk_folder())
        receiver = stack.enter_context(storescp(folder / "receiver", 1))
        server = stack.enter_context(start(folder / "server", ASSOCIATIONS, receiver.port))
        for _ in range(ASSOCIATIONS):
            stack.enter_context(Association(server.port, server.ae_title))
        time.sleep(1.0)
        before, began = server.cpu_s(), time.perf_counter()
        time.sleep(settings.idle_s)
        share = (server.cpu_s() - before) / (time.perf_counter() - began)
        return Sample({"core_percent": 100 * share, "peak_mb": server.peak_mb()})


def _set_up(settings: Settings, start: StartGateway) -> Sample:
    with ExitStack() as stack:
        folder = stack.enter_context(settings.disk_folder())
        receiver = stack.enter_context(storescp(folder / "receiver", 1))
        server = stack.enter_context(start(folder / "server", ASSOCIATIONS, receiver.port))
        count, before, began = 0, server.cpu_s(), time.perf_counter()
        while (elapsed := time.perf_counter() - began) < settings.idle_s:
            with Association(server.port, server.ae_title) as association:
                association.release()
            count += 1
        return Sample({"rate": count / elapsed, "cpu_ms": 1000 * (server.cpu_s() - before) / count})


def _latency(settings: Settings, gateway: Gateway, workload: Workload) -> Sample:
    with ExitStack() as stack:
        memory = stack.enter_context(settings.memory_folder())
        receiver = stack.enter_context(storescp(memory, 1 if gateway.one_at_a_time else 2))
        tap = Tap(receiver.port)
        stack.callback(tap.close)
        server = stack.enter_context(gateway.start(stack.enter_context(settings.disk_folder()), 1, tap.port))
        return idle(server, tap, workload)
