"""Many peers at once: each is examined on a thread of its own, within one limit of time for all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from philae.admin.doctor import Examination, Finding, Verdict, examine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

AT_ONCE: Final = 16
LIMIT_S: Final = 30.0
Peer = TypeVar("Peer")


@dataclass(frozen=True, slots=True)
class Watched(Generic[Peer]):
    """A peer, and what was found out about it."""

    peer: Peer
    findings: tuple[Finding, ...]
    ms: float

    @property
    def worst(self) -> Finding:
        """What tells most: the step that failed, or warns, or else the last."""
        order = (Verdict.FAILED, Verdict.WARNING)
        return next((each for verdict in order for each in self.findings if each.verdict is verdict), self.findings[-1])


def watch(
    peers: Sequence[Peer], examination_of: Callable[[Peer], Examination], limit_s: float = LIMIT_S
) -> list[Watched[Peer]]:
    """All peers in their order; those that did not end within ``limit_s`` say so."""
    pool = ThreadPoolExecutor(AT_ONCE, "monitor")
    try:
        running = [pool.submit(_examined, each, examination_of, limit_s) for each in peers]
        wait(running, limit_s)
        return [
            each.result() if each.done() else Watched(peer, (_late(limit_s),), limit_s * 1e3)
            for peer, each in zip(peers, running, strict=True)
        ]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _examined(peer: Peer, examination_of: Callable[[Peer], Examination], limit_s: float) -> Watched[Peer]:
    began = perf_counter()
    findings = tuple(examine(examination_of(peer), limit_s))
    return Watched(peer, findings, round((perf_counter() - began) * 1e3, 1))


def _late(limit_s: float) -> Finding:
    advice = "test it alone, or choose a smaller group"
    return Finding("time", Verdict.FAILED, f"no result within {limit_s:g} s", advice)
