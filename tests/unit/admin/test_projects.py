from __future__ import annotations

import pytest

from philae.admin.declined import Declined
from philae.admin.projects import project_named, uses_of_project, without_project
from tests.support.projects import configuration


@pytest.mark.parametrize("way", ["deidentify", "morph"])
def test_a_project_that_is_used_stays_and_its_users_are_named(way: str) -> None:
    used = configuration("Trial", "Spare", using=["Trial"], way=way)

    with pytest.raises(Declined, match="PHILAE/to Trial"):
        without_project(used, "Trial")


def test_a_project_that_nobody_uses_can_go() -> None:
    left = without_project(configuration("Trial", "Spare", using=["Trial"]), "Spare")

    assert [each.name for each in left.projects] == ["Trial"]


def test_a_disabled_destination_uses_its_project_all_the_same() -> None:
    used = configuration("Trial", using=["Trial"])
    node = used.forward_nodes[0]
    disabled = node.destinations[0].model_copy(update={"enabled": False})
    node = node.model_copy(update={"destinations": (disabled,)})

    (use,) = uses_of_project(used.model_copy(update={"forward_nodes": (node,)}), "Trial")

    assert (use.destination, use.enabled) == ("to Trial", False)


def test_an_unknown_project_is_told_with_those_that_are_known() -> None:
    with pytest.raises(Declined, match=r"'Trail'.*Trial, Spare"):
        project_named(configuration("Trial", "Spare"), "Trail")
