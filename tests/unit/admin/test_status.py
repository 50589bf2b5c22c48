from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from philae.admin.status import Place, Tally, gateway_status
from philae.config.configuration import Configuration
from philae.config.windows import read_window
from philae.pipeline.circuit import Trouble
from philae.pipeline.commitments import Uncommitted
from philae.pipeline.outcome import State
from philae.store.reading import LedgerCounts
from tests.support.instances import NOW
from tests.support.lanes import make_destination, make_node

states = st.dictionaries(st.sampled_from(State), st.integers(0, 1000))


def counts(by_destination: dict[int, dict[State, int]], accepted: int = 5) -> LedgerCounts:
    return LedgerCounts(
        by_node={"PHILAE": accepted},
        opened_by_destination={number: sum(each.values()) for number, each in by_destination.items()},
        by_destination=by_destination,
    )


CONFIGURATION = Configuration(
    forward_nodes=(make_node(make_destination(1, name="archive"), make_destination(2, enabled=False, name="local")),)
)


def test_the_document_has_the_promised_shape() -> None:
    status = gateway_status(
        counts({1: {State.SENT: 3, State.QUEUED: 1, State.SENDING: 1}, 2: {State.HELD: 2}}), CONFIGURATION
    )

    assert status.as_document() == {
        "instances": {"accepted": 5},
        "deliveries": {
            "opened": 7,
            "sent": 3,
            "already_present": 0,
            "simulated": 0,
            "excluded": 0,
            "held": 2,
            "failed": 0,
            "waiting": 2,
        },
        "nodes": [
            {
                "ae_title": "PHILAE",
                "destinations": [
                    {
                        "name": "archive",
                        "kind": "folder",
                        "enabled": True,
                        "deliveries": Tally(5, {State.SENT: 3, State.QUEUED: 2}).as_words(),
                    },
                    {
                        "name": "local",
                        "kind": "folder",
                        "enabled": False,
                        "deliveries": Tally(2, {State.HELD: 2}).as_words(),
                    },
                ],
            }
        ],
    }


def test_a_destination_that_nothing_went_to_has_zeros() -> None:
    status = gateway_status(counts({}), CONFIGURATION)

    assert set(status.nodes[0].destinations[0].tally.as_words().values()) == {0}
    assert status.deliveries.balanced


def test_what_went_to_a_removed_destination_still_counts() -> None:
    status = gateway_status(counts({9: {State.SENT: 4}}), CONFIGURATION)

    assert status.deliveries.as_words()["sent"] == 4
    assert status.deliveries.balanced


@given(st.dictionaries(st.integers(1, 5), states))
def test_opened_is_always_the_sum_of_the_others(by_destination: dict[int, dict[State, int]]) -> None:
    status = gateway_status(counts(by_destination), CONFIGURATION)

    words = status.deliveries.as_words()
    assert words.pop("opened") == sum(words.values())
    assert status.deliveries.balanced


def test_a_delivery_in_no_state_shows() -> None:
    assert not Tally(3, {State.SENT: 2}).balanced


def test_places_tell_what_waits_and_why() -> None:
    place = Place(1, "PHILAE", "archive", NOW, "A700H", Trouble("connection refused", NOW, NOW))
    status = gateway_status(counts({1: {State.QUEUED: 1}}), CONFIGURATION, [place])

    archive = status.nodes[0].destinations[0].as_document()

    assert archive["oldest_waiting"] == archive["unreachable"]["since"] == NOW.isoformat()  # type: ignore[index]
    assert (archive["waits_because"], archive["removed"]) == ("A700H", False)
    assert archive["unreachable"]["reason"] == "connection refused"  # type: ignore[index]


def test_what_an_archive_has_not_committed_itself_to_shows() -> None:
    place = Place(1, "PHILAE", "archive", uncommitted=Uncommitted(3, NOW, 2, "connection refused"))
    status = gateway_status(counts({1: {State.SENT: 3}}), CONFIGURATION, [place])

    archive, other = (each.as_document() for each in status.nodes[0].destinations)

    assert archive["storage_commitment"] == {
        "instances": 3,
        "since": NOW.isoformat(),
        "attempts": 2,
        "reason": "connection refused",
    }
    assert "storage_commitment" not in other


def test_a_removed_destination_shows_as_long_as_anything_went_there() -> None:
    places = [Place(7, "PHILAE", "gone"), Place(8, "PHILAE", "never used"), Place(9, "OLDNODE", "gone too")]
    status = gateway_status(counts({7: {State.SENT: 1}, 9: {State.HELD: 2}}), CONFIGURATION, places)

    shown = {(node.ae_title, each.name): each.removed for node in status.nodes for each in node.destinations}

    assert shown == {
        ("PHILAE", "archive"): False,
        ("PHILAE", "local"): False,
        ("PHILAE", "gone"): True,
        ("OLDNODE", "gone too"): True,
    }


def test_a_destination_outside_of_its_windows_is_closed_until_the_next() -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%a").lower()
    closed = make_destination(1, name="archive").model_copy(
        update={"windows": (read_window(f"{tomorrow} 12:00-13:00"),), "time_zone": "UTC"}
    )

    (node,) = gateway_status(counts({}), Configuration(forward_nodes=(make_node(closed),))).nodes

    document = node.destinations[0].as_document()
    assert str(document["closed_until"]).endswith("T12:00:00+00:00")


def test_what_somebody_paused_is_told_and_what_is_disabled_is_not_called_so() -> None:
    sent, paused, disabled = (make_destination(number) for number in (1, 2, 3))
    paused = paused.model_copy(update={"paused": True})
    disabled = disabled.model_copy(update={"enabled": False, "paused": True})

    status = gateway_status(LedgerCounts({}, {}, {}), Configuration(forward_nodes=(make_node(sent, paused, disabled),)))

    assert [each.paused for each in status.nodes[0].destinations] == [False, True, False]
    assert [each.as_document().get("paused") for each in status.nodes[0].destinations] == [None, True, None]
