"""What a gateway costs that has much configured: four destinations instead of one, two hundred other forward nodes."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from time import perf_counter, sleep

from benchmarks.measure import Case, Sample
from benchmarks.peers.philae import AE_TITLE, philae_serving
from benchmarks.peers.recorder import await_recorded, recorder
from benchmarks.processes import HOST, PeerFailed, Server
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.workload import Workload, small

ONE, FOUR, OTHERS = "Philae, one destination", "Philae, four destinations", "Philae, 200 other nodes"
ASSOCIATIONS = 4
NODE = "  - {{ae_title: {ae_title}, description: many, destinations: [{destinations}]}}\n"
DESTINATION = "{{name: to{number}, kind: dicom, ae_title: ANY, hostname: {host}, port: {port}, paused: {paused}}}"
STILL_S = 1.0


def cases(settings: Settings) -> Iterator[Case]:
    """Return one destination, four, and one with many nodes beside its own."""
    workload = small(settings.workloads, settings.small)
    for peer, destinations, others in ((ONE, 1, 0), (FOUR, 4, 0), (OTHERS, 1, 200)):
        if settings.wants(peer):
            run = partial(_relay, settings, workload, destinations, others)
            yield Case("many", workload.name, ASSOCIATIONS, peer, run)


def _relay(settings: Settings, workload: Workload, destinations: int, others: int) -> Sample:
    """Receive with all destinations paused, then the whole way: the difference is what sending costs."""
    receive_s, _ = _used(settings, workload, destinations, others, paused=True)
    whole_s, elapsed_s = _used(settings, workload, destinations, others, paused=False)
    count = len(workload.files)
    figures = {
        "rate": count / elapsed_s,
        "cpu_ms": 1000 * whole_s / count,
        "receive_ms": 1000 * receive_s / count,
        "send_ms": 1000 * (whole_s - receive_s) / count,
    }
    return Sample(figures)


def _used(
    settings: Settings, workload: Workload, destinations: int, others: int, *, paused: bool
) -> tuple[float, float]:
    """Return the CPU seconds of the gateway, and how long all of it took."""
    with ExitStack() as stack:
        memory = stack.enter_context(settings.memory_folder())
        inboxes = [memory / str(number) for number in range(destinations)]
        ports = [stack.enter_context(recorder(inbox)).port for inbox in inboxes]
        folder = stack.enter_context(settings.disk_folder())
        server = stack.enter_context(philae_serving(folder, _document(ports, others, paused=paused)))
        sleep(STILL_S)
        before, began = server.cpu_s(), perf_counter()
        _sent(settings, workload, server)
        if not paused:
            for inbox in inboxes:
                await_recorded(inbox, len(workload.files), settings.time_limit_s)
        elapsed_s = perf_counter() - began
        sleep(STILL_S)
        return server.cpu_s() - before, elapsed_s


def _sent(settings: Settings, workload: Workload, server: Server) -> None:
    sending = send(workload, server, ASSOCIATIONS, timeout_s=settings.time_limit_s)
    if sending.faults:
        raise PeerFailed("; ".join(sending.faults))


def _document(ports: list[int], others: int, *, paused: bool) -> str:
    own = [
        DESTINATION.format(number=number, host=HOST, port=port, paused=str(paused).lower())
        for number, port in enumerate(ports)
    ]
    nodes = NODE.format(ae_title=AE_TITLE, destinations=", ".join(own))
    other = DESTINATION.format(number=0, host=HOST, port=ports[0], paused="false")
    return (
        "forward_nodes:\n"
        + nodes
        + "".join(NODE.format(ae_title=f"OTHER{number}", destinations=other) for number in range(others))
    )
