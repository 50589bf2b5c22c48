from __future__ import annotations

import pytest

from philae.config.configuration import Configuration
from philae.pipeline.model import Delivery
from philae.pipeline.route import Unroutable, destinations_of, pinned_destination
from tests.support.instances import make_instance
from tests.support.lanes import make_destination, make_node

NODE = make_node(make_destination(1), make_destination(2, enabled=False), make_destination(3))
CONFIGURATION = Configuration(version=7, forward_nodes=(NODE,))


def test_new_instances_go_to_every_enabled_destination() -> None:
    assert destinations_of(NODE) == (1, 3)


def test_a_fallback_gets_nothing_by_itself() -> None:
    main = make_destination(1, name="main").model_copy(update={"fallback": "spare"})

    assert destinations_of(make_node(main, make_destination(2, name="spare"), make_destination(3))) == (1, 3)


def test_a_destination_that_was_disabled_later_is_still_found() -> None:
    assert pinned_destination(Delivery(make_instance(), 2, 7, 0), CONFIGURATION).id == 2


def test_a_destination_that_the_version_does_not_have_is_named() -> None:
    with pytest.raises(Unroutable, match="version 7 has no destination 9"):
        pinned_destination(Delivery(make_instance(), 9, 7, 0), CONFIGURATION)
