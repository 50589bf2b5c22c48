"""The parent process of `philae serve`: starts the roles, restarts what dies, drains on SIGTERM."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

STOP_SIGNALS: Final = frozenset({signal.SIGTERM, signal.SIGINT})
LAST_WORDS_S: Final = 5.0
"""What a child may need beyond its time to drain, to abort what is left and to end."""
RESTART_DELAY_S: Final = 1.0
"""A child that lived for less than this is restarted only after it."""


class Service(Protocol):
    """What a process does: `run` until `stop`, which may be called from any thread."""

    def run(self) -> None:
        """Work; returns when stopped and drained."""

    def stop(self) -> None:
        """Make `run` return soon."""


@dataclass(frozen=True, slots=True)
class Role:
    """One child process: ``build`` makes its service there. It is given the name of the process it replaces, if any."""

    name: str
    build: Callable[[str | None], Service]


@dataclass(frozen=True, slots=True)
class _Child:
    role: Role
    began: float


def run_until_signalled(service: Service) -> None:
    """Run a service in this process; SIGTERM and SIGINT stop it.

    What it was built of stays for good, so the garbage collector passes it by: looking through it halts every thread.
    """
    gc.freeze()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    Thread(target=_stop_on_signal, args=(service,), name="signals", daemon=True).start()
    service.run()


class Supervisor:
    """Keeps one process per role alive. It must not have threads of its own: it forks."""

    def __init__(self, roles: list[Role], drain_s: float, leave: Callable[[], None]) -> None:
        """``leave`` is called when the drain begins, and gives back what the children inherit."""
        self._roles = roles
        self._drain_s = drain_s
        self._leave = leave
        self._children: dict[int, _Child] = {}
        self._due: list[tuple[float, Role, str | None]] = [(0.0, role, None) for role in roles]
        self._lifeline = os.pipe()

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT; returns 0 when every child drained in time, else 1."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS | {signal.SIGCHLD})
        while True:
            self._start_due()
            received = signal.sigtimedwait(STOP_SIGNALS | {signal.SIGCHLD}, self._until_next_start())
            self._reap(restart=True)
            if received is not None and received.si_signo in STOP_SIGNALS:
                return self._drain()

    def _start_due(self) -> None:
        now = monotonic()
        due = [entry for entry in self._due if entry[0] <= now]
        self._due = [entry for entry in self._due if entry[0] > now]
        for _, role, replaced in due:
            pid = os.fork()
            if pid == 0:
                self._be(role, replaced)
            self._children[pid] = _Child(role, monotonic())

    def _until_next_start(self) -> float:
        return max(0.0, min((at for at, _, _ in self._due), default=monotonic() + 3600) - monotonic())

    def _be(self, role: Role, replaced: str | None) -> None:
        """Live as a child; never returns."""
        status = 1
        try:
            os.close(self._lifeline[1])
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            service = role.build(replaced)
            Thread(target=_stop_with_parent, args=(service, self._lifeline[0]), name="lifeline", daemon=True).start()
            run_until_signalled(service)
            status = 0
        finally:
            if status:
                log.critical("process.broke", exc_info=sys.exc_info(), extra={"role": role.name})
            logging.shutdown()
            os._exit(status)

    def _reap(self, *, restart: bool) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid)
            if restart:
                log.error("process.died", extra={"role": child.role.name, "status": os.waitstatus_to_exitcode(status)})
                at = max(monotonic(), child.began + RESTART_DELAY_S)
                self._due.append((at, child.role, process_name(child.role.name, pid)))

    def _drain(self) -> int:
        self._leave()
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)
        deadline = monotonic() + self._drain_s + LAST_WORDS_S
        while self._children and monotonic() < deadline:
            signal.sigtimedwait({signal.SIGCHLD}, max(0.0, deadline - monotonic()))
            self._reap(restart=False)
        for pid, child in self._children.items():
            log.error("process.not_drained", extra={"role": child.role.name})
            os.kill(pid, signal.SIGKILL)
        return 1 if self._children else 0


def process_name(role: str, pid: int) -> str:
    """The name under which a process holds leases."""
    return f"{os.uname().nodename}:{role}:{pid}"


def _stop_on_signal(service: Service) -> None:
    signal.sigwait(STOP_SIGNALS)
    service.stop()


def _stop_with_parent(service: Service, lifeline: int) -> None:
    """The parent holds the other end and never writes: reading returns when it is gone."""
    os.read(lifeline, 1)
    service.stop()
