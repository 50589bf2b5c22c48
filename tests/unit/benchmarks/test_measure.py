"""Cases take turns, medians are kept, and one failing peer costs only its own line."""

from benchmarks.measure import Case, Result, Sample, interleave, percentile
from benchmarks.processes import PeerMissing
from benchmarks.targets import verdicts


def _result(section: str, workload: str, associations: int, peer: str, **figures: float) -> Result:
    return Result(section, workload, associations, peer, figures, figures, figures, ())


def test_cases_take_turns() -> None:
    order: list[str] = []

    def case(name: str) -> Case:
        def run() -> Sample:
            order.append(name)
            return Sample({"rate": 1.0})

        return Case("receive", "ct", 1, name, run)

    interleave([case("A"), case("B")], rounds=2)

    assert order == ["A", "B", "A", "B"]


def test_result_is_the_median_of_the_good_runs() -> None:
    samples = iter(
        [Sample({"rate": 1.0}), Sample({"rate": 5.0}), Sample({"rate": 99.0}, "one lost"), Sample({"rate": 3.0})]
    )

    (result,) = interleave([Case("receive", "ct", 1, "A", lambda: next(samples))], rounds=4)

    assert (result.figures["rate"], result.lowest["rate"], result.highest["rate"]) == (3.0, 1.0, 5.0)
    assert result.faults == ("one lost",)


def test_missing_peer_is_a_fault_of_its_line_only() -> None:
    def missing() -> Sample:
        raise PeerMissing("gdcmanon is not installed")

    cases = [Case("engine", "ct", 0, "A", missing), Case("engine", "ct", 0, "B", lambda: Sample({"rate": 2.0}))]

    gone, there = interleave(cases, rounds=2)

    assert gone.faults == ("gdcmanon is not installed",)
    assert there.figures == {"rate": 2.0}


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(value) for value in range(1, 101)]

    assert (percentile(values, 0.50), percentile(values, 0.99)) == (50.0, 99.0)
    assert percentile([7.0], 0.99) == 7.0


def test_promise_is_judged_by_the_ratio_in_one_setting() -> None:
    results = [
        _result("receive", "ct", 4, "storescp +B", rate=100.0),
        _result("receive", "ct", 4, "Philae, durable", rate=75.0),
        _result("receive", "ct", 1, "Philae, durable", rate=1.0),
    ]

    by_promise = {verdict.promise: verdict for verdict in verdicts(results)}

    assert by_promise["receive ct x4: Philae, durable / storescp +B"].kept
    assert not by_promise["receive ct x4: Philae, durable / Orthanc"].kept
    assert by_promise["receive ct x4: Philae, durable / Orthanc"].measured is None


def test_ledger_promise_compares_long_with_short() -> None:
    results = [
        _result("ledger", "1000000 rows", 4, "Philae, durable", cpu_ms=1.2, rows=1e6),
        _result("ledger", "1000 rows", 4, "Philae, durable", cpu_ms=1.0, rows=1e3),
    ]

    (verdict,) = verdicts(results)

    assert verdict.measured == 1.2
    assert not verdict.kept


def test_a_promise_may_compare_with_another_number_of_connections() -> None:
    results = [
        _result("deliver", "stow Orthanc, ct", 4, "Philae", rate=330.0),
        _result("deliver", "stow Orthanc, ct", 4, "dicomweb-client", rate=300.0),
        _result("deliver", "stow Orthanc, ct", 1, "dicomweb-client", rate=100.0),
    ]

    by_promise = {verdict.promise: verdict for verdict in verdicts(results)}

    assert by_promise["deliver stow Orthanc, ct x4: Philae / dicomweb-client x1"].measured == 3.3


def test_four_destinations_are_judged_by_receiving_and_by_sending() -> None:
    results = [
        _result("many", "small", 4, "Philae, one destination", receive_ms=1.0, send_ms=0.5),
        _result("many", "small", 4, "Philae, four destinations", receive_ms=1.2, send_ms=1.5),
    ]

    kept = {verdict.promise: verdict.kept for verdict in verdicts(results)}

    assert not kept["many: CPU of receiving, four destinations / one"]
    assert kept["many: CPU of sending, four destinations / one"]
