from __future__ import annotations

import pytest

from philae.admin.declined import Declined
from philae.admin.deliveries import Key, Status
from philae.pipeline.outcome import State


def test_the_name_of_a_delivery_comes_back() -> None:
    assert Key.parse(str(Key(0x18C8A1B3C4D00F3A, 3))) == Key(0x18C8A1B3C4D00F3A, 3)


@pytest.mark.parametrize("text", ["", "ff", "ff-", "-1", "FF-1", "0xff-1", "ff-1 ", "f" * 16 + "-1"])
def test_what_names_no_delivery_is_declined(text: str) -> None:
    with pytest.raises(Declined, match="names no delivery"):
        Key.parse(text)


def test_every_state_has_a_status_and_sent_is_the_opposite_of_not_sent() -> None:
    assert Status.SENT.states | Status.NOT_SENT.states == frozenset(State)
    assert not Status.SENT.states & Status.NOT_SENT.states
    assert Status.NOT_SENT.states == Status.WAITING.states | Status.EXCLUDED.states | Status.ERROR.states
