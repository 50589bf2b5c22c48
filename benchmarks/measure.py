"""Runs cases in turn (A B C A B C ...) and keeps the median of each figure."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.processes import PeerFailed, PeerMissing


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table; ``run`` measures it once."""

    section: str
    workload: str
    associations: int
    peer: str
    run: Callable[[], "Sample"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The figures of one run, by name, or what went wrong."""

    figures: Mapping[str, float]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one case: medians over its rounds, and the lowest and highest of each."""

    section: str
    workload: str
    associations: int
    peer: str
    figures: Mapping[str, float]
    lowest: Mapping[str, float]
    highest: Mapping[str, float]
    faults: tuple[str, ...]

    @property
    def setting(self) -> tuple[str, str, int]:
        """What is comparable: the same section, workload and number of associations."""
        return self.section, self.workload, self.associations


def interleave(cases: Sequence[Case], rounds: int) -> list[Result]:
    """Measure every case ``rounds`` times, in turn; a peer that fails costs its own line only."""
    samples: list[list[Sample]] = [[] for _ in cases]
    for number in range(rounds):
        for case, taken in zip(cases, samples, strict=True):
            if _hopeless(taken):
                continue
            os.sync()
            taken.append(_run(case))
            _tell(case, number, taken[-1])
    return [_result(case, taken) for case, taken in zip(cases, samples, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def _hopeless(taken: Sequence[Sample]) -> bool:
    return bool(taken) and not taken[-1].figures


def _run(case: Case) -> Sample:
    try:
        return case.run()
    except (PeerMissing, PeerFailed) as error:
        return Sample({}, str(error))


def _result(case: Case, samples: Sequence[Sample]) -> Result:
    good = [sample.figures for sample in samples if not sample.fault]
    names = list(dict.fromkeys(name for figures in good for name in figures))
    columns = {name: [figures[name] for figures in good if name in figures] for name in names}
    return Result(
        case.section,
        case.workload,
        case.associations,
        case.peer,
        {name: median(values) for name, values in columns.items()},
        {name: min(values) for name, values in columns.items()},
        {name: max(values) for name, values in columns.items()},
        tuple(sample.fault for sample in samples if sample.fault),
    )


def _tell(case: Case, number: int, sample: Sample) -> None:
    figures = "  ".join(f"{name} {value:.4g}" for name, value in sample.figures.items())
    words = f"{case.section:8} {case.workload:10} x{case.associations:<3} {case.peer:28} #{number + 1}  {figures}"
    print(f"{words}  {sample.fault.strip()[-300:]}".rstrip(), file=sys.stderr, flush=True)
