"""When a sender hears that its instance has been delivered, by the answer policy of its forward node."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from philae.pipeline.outcome import DELIVERED, FINISHED, WAITING, State
from philae.pipeline.ports import LedgerUnavailable
from philae.pipeline.route import destinations_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from philae.config.destination import Destination
    from philae.config.forward_node import AnswerPolicy, ForwardNode
    from philae.pipeline.ports import Ledger

NOT_DELIVERED: Final = 0x0110
"""Processing failure (PS3.7 C.5.10): the gateway keeps the instance, its destinations have not confirmed it."""
_FIRST_LOOK_S: Final = 0.005
_SELDOM_LOOK_S: Final = 0.1


def verdict(policy: AnswerPolicy, states: Collection[State]) -> bool | None:
    """Whether an instance whose deliveries are in ``states`` counts as delivered; None while that is open."""
    if policy == "any" and not DELIVERED.isdisjoint(states):
        return True
    if all(state in FINISHED for state in states):
        return True
    if policy == "any":
        return None if any(state in WAITING for state in states) else False
    return None if all(state in FINISHED | WAITING for state in states) else False


def unconfirmable(node: ForwardNode, now: datetime) -> str:
    """Why no sender can hear of a confirmation now, so that nothing is to be taken from it; empty if it may.

    Of a destination that is paused, or between its delivery windows: the time-out would only make the sender wait.
    """
    if not node.awaits_destinations:
        return ""
    required = destinations_of(node)
    shut = [words for each in node.destinations if each.id in required and (words := _shut(node, each, now))]
    may_confirm = len(shut) < len(required) if node.answer == "any" else not shut
    return "" if may_confirm else f"{shut[0]}; try again later"


def _shut(node: ForwardNode, destination: Destination, now: datetime) -> str:
    if not node.sends_to(destination):
        return f"{destination.name} is paused"
    until = destination.hours.closed_until(now)
    return f"{destination.name} is closed until {until:%Y-%m-%d %H:%M} UTC" if until is not None else ""


def undelivered(instance_id: int, node: ForwardNode, ledger: Ledger, until: float) -> str | None:
    """Wait until the destinations of ``node`` have confirmed an accepted instance; why they have not, or None.

    ``until`` is in seconds of the monotonic clock. The gateway keeps the instance and goes on to deliver it in any case.
    """
    look_s = _FIRST_LOOK_S
    while (is_delivered := _looked(instance_id, node.answer, ledger)) is None:
        if monotonic() > until:
            return f"kept, but not confirmed within {node.answer_timeout_s:g} s"
        sleep(look_s)
        look_s = min(2 * look_s, _SELDOM_LOOK_S)
    return None if is_delivered else "kept, but a destination has not taken it"


def _looked(instance_id: int, policy: AnswerPolicy, ledger: Ledger) -> bool | None:
    try:
        return verdict(policy, ledger.states_of(instance_id))
    except LedgerUnavailable:
        return None
