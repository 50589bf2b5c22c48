"""Whether an instance costs more when the ledger is long: CPU at few and at many rows."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from benchmarks.chain import DURABLE, wait_for_files
from benchmarks.ledger_rows import ledger_in, multiply
from benchmarks.measure import Case, Sample
from benchmarks.peers.philae import data_folder, philae_gateway
from benchmarks.peers.storescp import storescp
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.workload import Workload, small

FIRST = 1000
KEEP_ALL = {"PHILAE_HISTORY_DELIVERIES": "100000000"}
"""Nothing is forgotten meanwhile: that costs once a row, not once an instance."""
ASSOCIATIONS = 4


def cases(settings: Settings) -> Iterator[Case]:
    """Return the same work on a ledger of each length."""
    if settings.wants(DURABLE):
        for rows in settings.ledger_rows:
            yield Case("ledger", f"{rows} rows", ASSOCIATIONS, DURABLE, partial(_relay, settings, rows))


def _relay(settings: Settings, rows: int) -> Sample:
    """Fill a ledger with real rows, multiply them while nothing runs, start again and measure fresh instances."""
    everything = small(settings.workloads, FIRST + settings.small)
    first = everything.first(FIRST)
    fresh = Workload("small", everything.files[FIRST:])
    with ExitStack() as stack:
        memory = stack.enter_context(settings.memory_folder())
        folder = stack.enter_context(settings.disk_folder())
        receiver = stack.enter_context(storescp(memory, ASSOCIATIONS))
        inbox = memory / "inbox"
        with philae_gateway(folder, ASSOCIATIONS, receiver.port) as gateway:
            send(first, gateway, ASSOCIATIONS, timeout_s=settings.time_limit_s)
            arrived = wait_for_files(inbox, FIRST, settings.time_limit_s)
            time.sleep(1.0)
        if arrived != FIRST:
            return Sample({}, f"{arrived} of the first {FIRST} arrived")
        held = multiply(ledger_in(data_folder(folder)), rows)
        gateway = stack.enter_context(philae_gateway(folder, ASSOCIATIONS, receiver.port, environment=KEEP_ALL))
        time.sleep(1.0)
        before, began = gateway.cpu_s(), time.perf_counter()
        sending = send(fresh, gateway, ASSOCIATIONS, timeout_s=settings.time_limit_s)
        count = len(fresh.files)
        arrived = wait_for_files(inbox, FIRST + count, settings.time_limit_s) - FIRST
        rate = count / (time.perf_counter() - began)
        time.sleep(0.5)
        figures = {"rate": rate, "cpu_ms": 1000 * (gateway.cpu_s() - before) / count, "rows": float(held)}
    faults = [*sending.faults, *([] if arrived == count else [f"{arrived} of {count} arrived"])]
    return Sample(figures, "; ".join(faults))
