"""What may become of a delivery: its states, the table of transitions and the errors that choose between them."""

from enum import IntEnum
from typing import Final


class State(IntEnum):
    """Where a delivery stands. Values are stored in the ledger and never renumbered."""

    QUEUED = 0
    """Waiting for its lane."""
    SENDING = 1
    """Claimed by a worker whose lease lives."""
    SENT = 2
    """The receiver said that it has it."""
    ALREADY_PRESENT = 3
    """The receiver had it before."""
    SIMULATED = 4
    """A destination that only reports was told."""
    EXCLUDED = 5
    """A condition, filter, profile rule or person kept it in."""
    HELD = 6
    """It could not be prepared; a person, or a corrected profile, releases it."""
    FAILED = 7
    """The receiver refused it for good; a person may try again."""


WAITING: Final = frozenset({State.QUEUED, State.SENDING})
DELIVERED: Final = frozenset({State.SENT, State.ALREADY_PRESENT, State.SIMULATED})
FINISHED: Final = DELIVERED | {State.EXCLUDED}

TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.QUEUED: frozenset({State.SENDING, State.HELD}),
    State.SENDING: FINISHED | {State.HELD, State.FAILED, State.QUEUED},
    State.HELD: frozenset({State.QUEUED, State.EXCLUDED}),
    State.FAILED: frozenset({State.QUEUED, State.EXCLUDED}),
    State.SENT: frozenset(),
    State.ALREADY_PRESENT: frozenset(),
    State.SIMULATED: frozenset(),
    State.EXCLUDED: frozenset(),
}

UNCOMMITTED: Final[dict[State, frozenset[State]]] = {
    State.SENT: frozenset({State.QUEUED, State.FAILED}),
    State.ALREADY_PRESENT: frozenset({State.QUEUED, State.FAILED}),
}
"""Further ones, while storage commitment is awaited: an archive may not keep what it confirmed."""


class IllegalTransition(ValueError):
    """Raised when a delivery would move between two states that the table does not join."""


def check_transition(before: State, after: State, *, is_uncommitted: bool = False) -> None:
    """Raise `IllegalTransition` unless ``before -> after`` stands in the table."""
    if after not in (UNCOMMITTED.get(before, ()) if is_uncommitted else TRANSITIONS[before]):
        raise IllegalTransition(f"a delivery cannot go from {before.name} to {after.name}")


class TryAgain(Exception):
    """The attempt failed in a way that time may heal: the delivery is queued again with a delay."""

    def __init__(self, words: str = "", *, after_s: float = 0.0, code: str = "") -> None:
        super().__init__(words)
        self.after_s = after_s
        """The receiver asked for at least so long."""
        self.code = code
        """The receiver's status, where it gave one."""


class Busy(TryAgain):
    """The receiver is out of resources, for minutes or for a night: no instance is failed for it."""


class Refused(Exception):
    """The receiver refused this instance for good: the delivery is failed until a person looks at it."""

    def __init__(self, words: str = "", *, code: str = "") -> None:
        super().__init__(words)
        self.code = code
        """The receiver's status, where it gave one."""
