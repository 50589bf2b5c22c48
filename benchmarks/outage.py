"""A destination that is down while thousands of instances go to another, and that gets them all, in order, at last."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from benchmarks.measure import Case, Sample
from benchmarks.peers.philae import AE_TITLE, data_folder, philae_serving
from benchmarks.peers.recorder import await_recorded, recorded, recorder
from benchmarks.processes import HOST, Server, free_port
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.workload import Workload, small

ALONE = "Philae, live destination alone"
BESIDE_A_DEAD = "Philae, another is dead"
ASSOCIATIONS = 4
NODE = f"""\
forward_nodes:
  - ae_title: {AE_TITLE}
    description: outage
    destinations:
"""
DESTINATION = """\
      - {{name: {name}, kind: dicom, ae_title: ANY, hostname: {host}, port: {port}, retry: {{cap_s: 20}}}}
"""


def cases(settings: Settings) -> Iterator[Case]:
    """Return the live destination alone, then the same beside a dead one."""
    workload = small(settings.workloads, settings.outage)
    for peer, measure in ((ALONE, _alone), (BESIDE_A_DEAD, _beside_a_dead)):
        if settings.wants(peer):
            yield Case("outage", workload.name, ASSOCIATIONS, peer, partial(measure, settings, workload))


def _alone(settings: Settings, workload: Workload) -> Sample:
    with ExitStack() as stack:
        memory = stack.enter_context(settings.memory_folder())
        live = stack.enter_context(recorder(memory / "live"))
        server = _gateway(stack, settings, {"live": live.port})[0]
        return _flowing(settings, workload, server, memory / "live")


def _beside_a_dead(settings: Settings, workload: Workload) -> Sample:
    with ExitStack() as stack:
        memory = stack.enter_context(settings.memory_folder())
        live, dead_port = stack.enter_context(recorder(memory / "live")), free_port()
        server, folder = _gateway(stack, settings, {"dead": dead_port, "live": live.port})
        flowing = _flowing(settings, workload, server, memory / "live")
        stack.enter_context(recorder(memory / "dead", dead_port))
        drain_s = await_recorded(memory / "dead", len(workload.files), settings.command_limit_s)
        faults = [flowing.fault, _disorder(_accepted(folder), recorded(memory / "dead"))]
        figures = {**flowing.figures, "drain_rate": len(workload.files) / drain_s, "peak_mb": server.peak_mb()}
        return Sample(figures, "; ".join(filter(None, faults)))


def _gateway(stack: ExitStack, settings: Settings, ports: dict[str, int]) -> tuple[Server, Path]:
    folder = stack.enter_context(settings.disk_folder())
    document = NODE + "".join(DESTINATION.format(name=name, host=HOST, port=port) for name, port in ports.items())
    return stack.enter_context(philae_serving(folder, document)), folder


def _flowing(settings: Settings, workload: Workload, server: Server, live: Path) -> Sample:
    cpu_s, began = server.cpu_s(), time.perf_counter()
    sending = send(workload, server, ASSOCIATIONS, timeout_s=settings.command_limit_s)
    await_recorded(live, len(workload.files), settings.command_limit_s)
    elapsed_s, count = time.perf_counter() - began, len(workload.files)
    used_s = server.cpu_s() - cpu_s
    figures = {"rate": count / elapsed_s, "cpu_ms": 1000 * used_s / count, "peak_mb": server.peak_mb()}
    return Sample(figures, "; ".join(sending.faults))


def _accepted(folder: Path) -> list[str]:
    """Return the SOP Instance UIDs in the order in which the gateway took them."""
    with closing(sqlite3.connect(data_folder(folder) / "philae.db")) as ledger:
        return [uid for (uid,) in ledger.execute("SELECT sop_instance_uid FROM instance ORDER BY id")]


def _disorder(accepted: Sequence[str], arrived: Sequence[str]) -> str:
    """Return nothing when instances arrived as they were accepted, repeats apart."""
    return "" if list(dict.fromkeys(arrived)) == list(accepted) else "the dead destination was not drained in order"
