"""Named parts of the configuration document."""

from __future__ import annotations

from typing import Any

import pytest

from philae.admin.declined import Declined, Missing
from philae.admin.items import NODES, TARGETS, destinations_of
from philae.admin.targets import remove_target, uses_of_target


def tree() -> dict[str, Any]:
    return {
        "targets": [{"name": "pacs"}, {"name": "idle"}],
        "forward_nodes": [{"ae_title": "A", "destinations": [{"name": "x", "target": "pacs"}]}, {"ae_title": "B"}],
    }


def test_an_item_takes_the_place_of_the_one_of_its_name() -> None:
    made = tree()

    TARGETS.put(made, "pacs", {"description": "new"})

    assert made["targets"] == [{"name": "pacs", "description": "new"}, {"name": "idle"}]


def test_what_is_apart_is_neither_shown_nor_lost_nor_given() -> None:
    made = tree()

    NODES.put(made, "A", {"ae_title": "A", "description": "new"})

    assert NODES.one(made, "A") == {"ae_title": "A", "description": "new"}
    assert destinations_of("A").all(made) == [{"name": "x", "target": "pacs"}]
    with pytest.raises(Declined, match="one by one"):
        NODES.add(made, {"ae_title": "C", "destinations": []})


def test_names_stay_and_are_unique() -> None:
    made = tree()

    with pytest.raises(Declined, match="already"):
        TARGETS.add(made, {"name": " pacs "})
    with pytest.raises(Declined, match="keeps its name"):
        TARGETS.put(made, "pacs", {"name": "other"})


def test_what_is_not_there_is_missing() -> None:
    for attempt in (
        lambda: TARGETS.one(tree(), "no"),
        lambda: TARGETS.put(tree(), "no", {}),
        lambda: TARGETS.remove(tree(), "no"),
        lambda: destinations_of("no").all(tree()),
    ):
        with pytest.raises(Missing, match="'no'"):
            attempt()


def test_a_target_that_is_used_stays() -> None:
    made = tree()

    with pytest.raises(Declined, match="A/x"):
        remove_target(made, "pacs")
    remove_target(made, "idle")

    assert uses_of_target(made, "pacs") == ("A/x",)
    assert TARGETS.all(made) == [{"name": "pacs"}]
