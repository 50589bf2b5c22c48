from __future__ import annotations

from datetime import UTC, datetime

from philae.admin.deliveries import Facts
from philae.admin.deliveries_tree import tree_of
from philae.pipeline.outcome import State

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = dict.fromkeys(Facts._fields, "")


def facts(number: int, study: str, series: str, state: State = State.SENT, destination: str = "archive") -> Facts:
    names = {"study_instance_uid": study, "series_instance_uid": series, "node": "PHILAE", "destination": destination}
    sent = {f"sent_{name}": f"2.25.{value}" for name, value in list(names.items())[:2]} if state is State.SENT else {}
    given = {"instance_id": number, "destination_id": 1, "received_at": NOW, "state": state}
    return Facts(**{**EMPTY, **names, **sent, **given})  # type: ignore[arg-type]


def test_deliveries_stand_below_their_destination_study_and_series_in_the_order_they_came() -> None:
    (archive, local) = tree_of(
        [
            facts(5, "1.2", "1.2.1"),
            facts(4, "1.2", "1.2.2"),
            facts(3, "1.2", "1.2.1"),
            facts(2, "1.1", "1.1.1"),
            facts(1, "1.2", "1.2.1", destination="local"),
        ]
    )

    assert [archive.original, local.original] == ["PHILAE / archive", "PHILAE / local"]
    assert [(study.original, study.sent) for study in archive.branches] == [("1.2", "2.25.1.2"), ("1.1", "2.25.1.1")]
    first = archive.branches[0].branches[0]
    assert (first.original, [each.instance_id for each in first.deliveries]) == ("1.2.1", [5, 3])
    assert first.branches == ()


def test_a_branch_tells_what_became_of_all_below_it() -> None:
    (archive,) = tree_of([facts(3, "1.1", "1"), facts(2, "1.2", "2", State.HELD), facts(1, "1.2", "2")])

    assert archive.states == {State.SENT: 2, State.HELD: 1}
    assert [study.needs_a_person for study in archive.branches] == [False, True]
    assert archive.branches[1].sent == "2.25.1.2"
