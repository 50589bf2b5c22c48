"""What Philae promises, as ratios and limits in one run, and whether this run kept it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.chain import DURABLE, NOTHING_BETWEEN, OFF, ORTHANC, PLAIN
from benchmarks.many import FOUR, ONE, OTHERS
from benchmarks.measure import Result
from benchmarks.monitoring import NAMES
from benchmarks.notified import SILENT, TELLING
from benchmarks.watched import MANY, NOBODY


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise and what was measured for it; ``measured`` is None when something for it is missing."""

    promise: str
    required: str
    measured: float | None
    kept: bool


@dataclass(frozen=True, slots=True)
class _Ratio:
    section: str
    workload: str
    associations: int
    peer: str
    against: str
    at_least: float
    against_associations: int | None = None
    """Where the other is measured with another number."""


@dataclass(frozen=True, slots=True)
class _Limit:
    section: str
    workload: str
    associations: int
    peer: str
    figure: str
    at_least: float | None = None
    at_most: float | None = None


ENGINE_PEERS = ("naive pydicom walk", "dicognito", "dicom-anonymizer")
RATIOS = (
    _Ratio("receive", "ct", 4, DURABLE, "storescp +B", 0.7),
    _Ratio("receive", "ct", 4, DURABLE, "Orthanc", 3.0),
    _Ratio("receive", "ct", 4, OFF, "storescp +B", 1.0),
    *(_Ratio("stow in", "ct", connections, DURABLE, "Orthanc", 3.0) for connections in (1, 4)),
    _Ratio("deliver", "stow null, ct", 1, "Philae", "dicomweb-client", 3.0),
    _Ratio("deliver", "stow Orthanc, ct", 4, "Philae", "dicomweb-client", 3.0, against_associations=1),
    _Ratio("deliver", "sftp, ct", 1, "Philae", "sftp -b", 0.8),
    _Ratio("deliver", "folder, ct", 1, "Philae", "cp, sync", 0.8),
    *(_Ratio("deliver", f"{how}, ct", 1, "Philae", "storescu", 0.9) for how in ("dicom", "dicom over TLS")),
    _Ratio("many", "small", 4, OTHERS, ONE, 0.95),
    *(_Ratio("engine encoded", "ct", 0, "Philae", peer, 15.0) for peer in ENGINE_PEERS),
    *(_Ratio("engine file", "ct", 0, "Philae", peer, 8.0) for peer in ENGINE_PEERS),
    *(_Ratio("engine file", "ct", 0, "Philae", peer, 0.8) for peer in ("gdcmanon", "dcmodify")),
    _Ratio("engine encoded", "ct", 0, "Philae, tripwire", "Philae", 1 / 1.5),
    _Ratio("engine research", "ct", 0, "Philae", "naive pydicom walk", 10.0),
    *(_Ratio("engine command", "ct", 0, "Philae", peer, 0.8) for peer in ("gdcmanon", "dcmodify")),
    *(_Ratio("engine command", "ct", 0, "Philae", peer, 10.0) for peer in ("dicognito", "dicom-anonymizer")),
    *(
        _Ratio("pixels", f"{name} mask", 0, "Philae", "codec alone", 1 / 1.3)
        for name in ("RLE", "JPEG-LS", "JPEG 2000")
    ),
    _Ratio("watched", "small", 4, MANY, NOBODY, 0.9),
    *(_Ratio("notified", workload, 4, TELLING, SILENT, 0.95) for workload in ("ct", "small")),
    _Ratio("pixels", "text", 0, "Philae", "RapidOCR detector", 1 / 1.2),
    _Ratio("pixels", "still overlay", 0, "50 frames", "1 frame", 1 / 5),
    _Ratio("outage", "small", 4, "Philae, another is dead", "Philae, live destination alone", 0.95),
    *(
        _Ratio("gateway", workload, 4, peer, against, at_least)
        for workload in ("ct", "small")
        for peer, against, at_least in (
            (DURABLE, NOTHING_BETWEEN, 0.5),
            (OFF, NOTHING_BETWEEN, 0.75),
            (DURABLE, ORTHANC, 8.0),
            (DURABLE, PLAIN, 6.0),
        )
    ),
)
LIMITS = (
    _Limit("pixels", "native mask, banner, MB/s", 0, "Philae", "rate", at_least=500),
    _Limit("pixels", "faces", 0, "Philae", "rate", at_least=10),
    _Limit("receive", "small, default storescu", 1, DURABLE, "rate", at_least=300),
    _Limit("gateway", "ct", 16, DURABLE, "peak_mb", at_most=150),
    _Limit("gateway", "small", 16, DURABLE, "peak_mb", at_most=150),
    _Limit("outage", "small", 4, "Philae, another is dead", "peak_mb", at_most=150),
    _Limit("monitoring", "CSV export", 0, "Philae", "rate", at_least=50_000),
    *(_Limit("monitoring", name, 0, "Philae", "p95_ms", at_most=50) for name in NAMES),
    _Limit("memory", "", 1, DURABLE, "added_mb", at_most=100),
    _Limit("idle", "first byte out", 1, DURABLE, "p99_ms", at_most=50),
    _Limit("idle", "associations held", 40, DURABLE, "core_percent", at_most=1),
    _Limit("idle", "associations set up", 1, DURABLE, "rate", at_least=1000),
)
LEDGER_GROWTH = 1.10
PAGE_MS = 100


def verdicts(results: Iterable[Result]) -> Iterator[Verdict]:
    """Return the promises that concern what was measured, in a fixed order."""
    results = list(results)
    measured = {result.section for result in results}
    for ratio in RATIOS:
        if ratio.section in measured:
            yield _ratio(ratio, results)
    for limit in LIMITS:
        if limit.section in measured:
            yield _limit(limit, results)
    if "many" in measured:
        yield from _four_destinations([result for result in results if result.section == "many"])
    for peer in dict.fromkeys(result.peer for result in results if result.section == "pages"):
        yield _pages(peer, [result for result in results if (result.section, result.peer) == ("pages", peer)])
    if "ledger" in measured:
        yield _ledger([result for result in results if result.section == "ledger"])


def _ratio(promise: _Ratio, results: Iterable[Result]) -> Verdict:
    rates = {
        (result.associations, result.peer): result.figures.get("rate")
        for result in results
        if result.setting[:2] == (promise.section, promise.workload)
    }
    others = promise.against_associations or promise.associations
    ours, theirs = rates.get((promise.associations, promise.peer)), rates.get((others, promise.against))
    measured = ours / theirs if ours and theirs else None
    words = f"{_where(promise)}: {promise.peer} / {promise.against}"
    if others != promise.associations:
        words += f" x{others}"
    return Verdict(words, f">= {promise.at_least:g} x", measured, _reaches(measured, promise.at_least))


def _limit(promise: _Limit, results: Iterable[Result]) -> Verdict:
    figures: Mapping[str, float] = {}
    for result in results:
        place = (result.section, result.associations, result.peer)
        if place == (promise.section, promise.associations, promise.peer) and promise.workload in ("", result.workload):
            figures = result.figures
    measured = figures.get(promise.figure)
    words = f"{_where(promise)}: {promise.peer}, {promise.figure}"
    if promise.at_least is not None:
        return Verdict(words, f">= {promise.at_least:g}", measured, _reaches(measured, promise.at_least))
    return Verdict(
        words, f"<= {promise.at_most:g}", measured, measured is not None and measured <= (promise.at_most or 0)
    )


def _four_destinations(results: Iterable[Result]) -> Iterator[Verdict]:
    figures: dict[str, Mapping[str, float]] = {result.peer: result.figures for result in results}
    for figure, words, at_most in (("receive_ms", "receiving", 1.1), ("send_ms", "sending", 4.0)):
        one, four = (figures.get(peer, {}).get(figure) for peer in (ONE, FOUR))
        measured = four / one if one and four else None
        kept = measured is not None and measured <= at_most
        yield Verdict(f"many: CPU of {words}, four destinations / one", f"<= {at_most:g} x", measured, kept)


def _pages(peer: str, results: list[Result]) -> Verdict:
    """In processor time, which others on the machine do not change."""
    times = [result.figures.get("cpu_p95_ms") for result in results]
    slowest = max((each for each in times if each is not None), default=None)
    kept = slowest is not None and None not in times and slowest <= PAGE_MS
    return Verdict(f"pages: {peer}, cpu_p95_ms of the slowest", f"<= {PAGE_MS:g}", slowest, kept)


def _ledger(results: list[Result]) -> Verdict:
    costs = [
        result.figures.get("cpu_ms") for result in sorted(results, key=lambda result: result.figures.get("rows", 0))
    ]
    few, many = (costs[0], costs[-1]) if len(costs) > 1 else (None, None)
    measured = many / few if few and many else None
    kept = measured is not None and measured <= LEDGER_GROWTH
    return Verdict("ledger: CPU per instance, long / short", f"<= {LEDGER_GROWTH:g} x", measured, kept)


def _reaches(measured: float | None, at_least: float) -> bool:
    return measured is not None and measured >= at_least


def _where(promise: _Ratio | _Limit) -> str:
    parts = (promise.section, promise.workload, f"x{promise.associations}" if promise.associations else "")
    return " ".join(part for part in parts if part)
