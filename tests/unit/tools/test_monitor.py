from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event

from philae.admin.doctor import Ill, Said, Step, Verdict
from philae.tools.monitor import Watched, watch


@dataclass
class Told:
    """An examination whose steps end as told; ``None`` ends with the test."""

    verdicts: tuple[Verdict | None, ...]
    over: Event = field(default_factory=Event)

    def steps(self) -> Iterator[Step]:
        for number, verdict in enumerate(self.verdicts):
            yield Step(f"step {number}", lambda verdict=verdict: self._take(verdict))  # type: ignore[misc]

    def close(self) -> None:
        """Nothing is open."""

    def _take(self, verdict: Verdict | None) -> Said:
        if verdict is None:
            self.over.wait(60)
        if verdict is Verdict.FAILED:
            raise Ill("broken", "mend it")
        return Said("told", verdict or Verdict.OK)


def worst(watched: Watched[Told]) -> tuple[str, Verdict]:
    return watched.worst.step, watched.worst.verdict


def test_what_tells_most_is_the_failure_then_the_warning_then_the_last_step() -> None:
    failed = Told((Verdict.WARNING, Verdict.FAILED, Verdict.OK))
    warned = Told((Verdict.WARNING, Verdict.OK))
    well = Told((Verdict.OK, Verdict.OK))

    found = watch([failed, warned, well], lambda each: each)

    assert list(map(worst, found)) == [
        ("step 1", Verdict.FAILED),
        ("step 0", Verdict.WARNING),
        ("step 1", Verdict.OK),
    ]


def test_who_does_not_end_in_time_says_so_and_delays_nobody() -> None:
    endless, well = Told((None,)), Told((Verdict.OK,))
    try:
        late, in_time = watch([endless, well], lambda each: each, limit_s=1)
    finally:
        endless.over.set()

    assert late.worst.verdict is Verdict.FAILED
    assert in_time.worst.verdict is Verdict.OK


def test_nobody_is_watched_without_peers() -> None:
    assert watch([], lambda each: each) == []
