from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from philae.app.gateway import config_store, open_database
from philae.config.configuration import Configuration
from philae.config.settings_sources import load_settings
from philae.pipeline.outcome import State
from philae.store.audit import SqlAuditTrail
from philae.store.database import Database
from philae.store.ledger import SqlLedger
from tests.support.commands import Philae
from tests.support.lanes import make_destination, make_node
from tests.support.ledger_rows import arrived, deliver

ENDS = (State.SENT, State.HELD, State.FAILED, State.EXCLUDED)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def database(data: Path) -> Iterator[Database]:
    """A gateway with a delivery in each of `ENDS`, minute by minute; the configuration has changed twice."""
    database = open_database(load_settings(data=data))
    configurations = config_store(database)
    for name in ("first", "second", "archive"):
        configurations.apply(Configuration(forward_nodes=(make_node(make_destination(name=name)),)))
    ledger = SqlLedger(database)
    for minute, state in enumerate(ENDS):
        deliver(ledger, arrived(minute, patient_id=f"DOE{minute}"), state, to=3, code="Unreadable")
    yield database
    database.close()


@pytest.fixture
def deliveries(philae: Philae, data: Path, database: Database) -> Philae:
    def run(*arguments: str) -> object:
        return philae("deliveries", *arguments, "--data", str(data))

    return run  # type: ignore[return-value]


def states(database: Database) -> dict[State, int]:
    counts = SqlLedger(database).counts().by_destination[3]
    return {state: count for state, count in counts.items() if count}


def name_of(deliveries: Philae, status: str) -> str:
    (found,) = json.loads(deliveries("list", "--status", status, "--json").out)["deliveries"]
    return str(found["delivery"])


def test_the_list_shows_the_newest_first_and_no_patient(deliveries: Philae) -> None:
    ran = deliveries("list")

    order = [line.split()[5] for line in ran.out.splitlines()[1:]]
    assert (ran.code, order) == (0, ["excluded", "failed", "held", "sent"])
    assert "4 deliveries" in ran.err
    assert "DOE" not in ran.out


def test_pages_follow_one_another(deliveries: Philae) -> None:
    first = json.loads(deliveries("list", "--limit", "3", "--json").out)
    second = json.loads(deliveries("list", "--limit", "3", "--after", first["after"], "--json").out)

    found = [each["patient_id"] for page in (first, second) for each in page["deliveries"]]
    assert found == ["DOE3", "DOE2", "DOE1", "DOE0"]
    assert second["after"] is None


def test_showing_one_says_what_to_do_and_is_audited(deliveries: Philae, database: Database) -> None:
    ran = deliveries("show", name_of(deliveries, "held"), "--json")

    shown = json.loads(ran.out)
    assert (shown["patient_id"], shown["state"], shown["code"]) == ("DOE1", "held", "Unreadable")
    assert "have it sent again" in shown["next_step"]
    assert SqlAuditTrail(database).events(before=None, limit=1)[0][1].action == "deliveries.show"


def test_an_export_holds_what_was_asked_for(deliveries: Philae, tmp_path: Path) -> None:
    ran = deliveries("export", "--status", "error", "--delimiter", "tab", "--to", str(tmp_path / "out.csv"))

    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert (ran.code, [row["patient_id"] for row in rows]) == (0, ["DOE2", "DOE1"])


def test_released_ones_go_under_the_newest_profile_and_retried_ones_under_theirs(
    deliveries: Philae, database: Database
) -> None:
    released = deliveries("release", "--all", "--json")
    retried = deliveries("retry", name_of(deliveries, "failed"))

    waiting = json.loads(deliveries("list", "--status", "waiting", "--json").out)["deliveries"]
    assert (json.loads(released.out), retried.out) == ({"released": 1}, "1 deliveries retried\n")
    assert [(each["patient_id"], each["config_version"]) for each in waiting] == [("DOE2", 1), ("DOE1", 3)]
    assert states(database) == {State.QUEUED: 2, State.SENT: 1, State.EXCLUDED: 1}


def test_profiles_can_be_chosen_the_other_way_round(deliveries: Philae) -> None:
    deliveries("release", "--all", "--keep-profile")
    deliveries("retry", "--all", "--newest-profile")

    waiting = json.loads(deliveries("list", "--status", "waiting", "--json").out)["deliveries"]
    assert [(each["patient_id"], each["config_version"]) for each in waiting] == [("DOE2", 3), ("DOE1", 1)]


def test_discarding_is_audited_without_whom_it_concerns(deliveries: Philae, database: Database) -> None:
    ran = deliveries("discard", "--patient", "DOE1", "--reason", "phantom")

    event = SqlAuditTrail(database).events(before=None, limit=1)[0][1]
    assert ran.out == "1 deliveries discarded\n"
    assert (event.action, event.subject, event.after) == ("deliveries.discarded", "by patient", "1 deliveries")
    assert states(database) == {State.EXCLUDED: 2, State.SENT: 1, State.FAILED: 1}


@pytest.mark.parametrize(
    "arguments",
    [
        ("release",),
        ("retry", "--all", "--node", "PHILAE"),
        ("release", "nonsense"),
        ("retry", "ff-1"),
        ("discard", "--all"),
        ("discard", "--all", "--reason", " "),
        ("release", "--status", "sent"),
        ("list", "--since", "yesterday"),
        ("list", "--after", "x"),
        ("show", "ff-1"),
        ("export", "--delimiter", "ab"),
        ("export", "--quote", ","),
    ],
)
def test_misuse_changes_nothing_and_is_one_line(
    deliveries: Philae, database: Database, arguments: tuple[str, ...]
) -> None:
    before = states(database)

    ran = deliveries(*arguments)

    assert ran.code == 2
    assert len(ran.err.strip().splitlines()) == 1
    assert states(database) == before


def test_a_folder_without_a_gateway_is_named(philae: Philae, tmp_path: Path) -> None:
    ran = philae("deliveries", "list", "--data", str(tmp_path / "nowhere"))

    assert ran.code == 2
    assert "nowhere" in ran.err


@pytest.mark.parametrize(
    "since, until, found", [("2026-01-01T00:01:00Z", "", 3), ("", "2026-01-01T00:01:00+00:00", 1), ("1h", "", 0)]
)
def test_moments_are_dates_or_so_long_ago(deliveries: Philae, since: str, until: str, found: int) -> None:
    ran = deliveries("list", "--since", since, "--until", until)

    assert f"{found} deliveries" in ran.err
