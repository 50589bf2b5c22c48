"""The gateways under comparison, and the chain sender, gateway, receiver."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.peers.orthanc import orthanc_router
from benchmarks.peers.philae import philae_gateway
from benchmarks.peers.pynetdicom_gateway import pynetdicom_gateway
from benchmarks.peers.storescp import storescp
from benchmarks.processes import Server
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.workload import Workload

StartGateway = Callable[[Path, int, int], Server]
NOTHING_BETWEEN = "nothing between"
ORTHANC = "Orthanc + Lua"
PLAIN = "pynetdicom + pydicom"
DURABLE = "Philae, durable"
OFF = "Philae, durability off"
POLL_S = 0.01
SETTLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway: ``start`` takes a folder, the number of associations and the port of the receiver.

    ``one_at_a_time``: it opens one association after the other to the receiver, so for it the receiver does not fork.
    ``slow``: a quarter of the instances tells its rate.
    """

    name: str
    start: StartGateway
    one_at_a_time: bool = False
    slow: bool = False


GATEWAYS = (
    Gateway(DURABLE, philae_gateway),
    Gateway(OFF, partial(philae_gateway, durability="off")),
    Gateway(ORTHANC, orthanc_router, one_at_a_time=True, slow=True),
    Gateway(PLAIN, pynetdicom_gateway, slow=True),
)


@dataclass(frozen=True, slots=True)
class Chain:
    """What to send to, the gateway if there is one, and the folder where the receiver puts what arrives."""

    target: Server
    gateway: Server | None
    inbox: Path


@dataclass(frozen=True, slots=True)
class Relayed:
    """How long it took until the sender was done and until the last file had arrived, and the gateway's CPU."""

    sender_s: float
    elapsed_s: float
    cpu_s: float
    faults: tuple[str, ...]


def start_chain(stack: ExitStack, settings: Settings, gateway: Gateway | None, associations: int) -> Chain:
    """Start a receiver, which keeps its files in memory, and ``gateway`` before it; ``stack`` ends both."""
    memory = stack.enter_context(settings.memory_folder())
    inbox = memory / "inbox"
    forks = gateway is None or not gateway.one_at_a_time
    receiver = stack.enter_context(storescp(memory, associations if forks else 1, inbox=inbox))
    if gateway is None:
        return Chain(receiver, None, inbox)
    folder = stack.enter_context(settings.disk_folder())
    server = stack.enter_context(gateway.start(folder, associations, receiver.port))
    return Chain(server, server, inbox)


def relay(chain: Chain, settings: Settings, workload: Workload, associations: int) -> Relayed:
    """Send all of it through ``chain`` and wait until the last file has arrived."""
    count = len(workload.files)
    before = chain.gateway.cpu_s() if chain.gateway else 0.0
    began = time.perf_counter()
    sending = send(workload, chain.target, associations, timeout_s=settings.time_limit_s)
    arrived = wait_for_files(chain.inbox, count, settings.time_limit_s - sending.elapsed_s)
    elapsed = time.perf_counter() - began
    missing = (f"{arrived} of {count} arrived",) if arrived != count else ()
    time.sleep(SETTLE_S)
    used = chain.gateway.cpu_s() - before if chain.gateway else 0.0
    return Relayed(sending.elapsed_s, elapsed, used, (*sending.faults, *missing))


def wait_for_files(inbox: Path, count: int, timeout_s: float) -> int:
    """Wait until ``inbox`` holds ``count`` files, at most ``timeout_s``; return how many it holds."""
    deadline = time.perf_counter() + timeout_s
    while (arrived := sum(1 for _ in inbox.iterdir())) < count and time.perf_counter() < deadline:
        time.sleep(POLL_S)
    return arrived
