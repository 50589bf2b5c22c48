"""Deliveries as a tree: destination, study, series, instances."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from philae.pipeline.outcome import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from philae.admin.deliveries import Facts

_STOPPED = (State.HELD, State.FAILED)


@dataclass(frozen=True, slots=True)
class Branch:
    """Deliveries that have something in common, in the order that they came in."""

    original: str
    """A UID, or the destination's name."""
    sent: str
    """The UID that it left under, if it left."""
    deliveries: Sequence[Facts]
    branches: tuple[Branch, ...]
    """Empty for a series: its leaves are the deliveries."""

    @property
    def states(self) -> Mapping[State, int]:
        """How many are in which state, in the order of the states."""
        return dict(sorted(Counter(each.state for each in self.deliveries).items()))

    @property
    def needs_a_person(self) -> bool:
        """Whether anything of it is held or failed."""
        return any(each.state in _STOPPED for each in self.deliveries)

    @property
    def first(self) -> Facts:
        """Stands for what all of them share."""
        return self.deliveries[0]


def tree_of(deliveries: Iterable[Facts]) -> tuple[Branch, ...]:
    """A branch for each destination."""
    return _branches(
        list(deliveries),
        (
            lambda each: (f"{each.node} / {each.destination}", ""),
            lambda each: (each.study_instance_uid, each.sent_study_instance_uid),
            lambda each: (each.series_instance_uid, each.sent_series_instance_uid),
        ),
    )


def _branches(deliveries: Sequence[Facts], levels: Sequence[Callable[[Facts], tuple[str, str]]]) -> tuple[Branch, ...]:
    if not levels:
        return ()
    level, *below = levels
    grouped: dict[str, list[Facts]] = {}
    left_as: dict[str, str] = {}
    for each in deliveries:
        original, sent = level(each)
        grouped.setdefault(original, []).append(each)
        left_as[original] = left_as.get(original) or sent
    return tuple(Branch(name, left_as[name], found, _branches(found, below)) for name, found in grouped.items())
