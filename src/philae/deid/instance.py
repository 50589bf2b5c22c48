"""One instance while it is planned: what it was, and what was found out about it on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from philae.deid.instance_attributes import InstanceAttributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.deid.additions import Addition
    from philae.deid.context import Context
    from philae.deid.expressions import Condition
    from philae.deid.requests import Reply, Request
    from philae.dicom.scan import Encoded


@dataclass(eq=False)
class Instance:
    """Belongs to one thread; what all instances of a patient share is in ``context``."""

    encoded: Encoded
    context: Context
    replies: Mapping[Request, Reply]
    """What web services answered."""
    unanswered: dict[Request, None] = field(default_factory=dict)
    """What web services still have to be asked."""
    additions: list[tuple[int, Addition]] = field(default_factory=list)
    """What expressions add to the top level, each with the position of its profile element."""
    asked: int = 0
    """How many questions were asked whose answer depends on more than the value and its patient."""
    rule: int = 0
    """The position of the profile element that is being asked."""
    _holding: dict[Condition, bool] = field(default_factory=dict)

    @cached_property
    def attributes(self) -> InstanceAttributes:
        """The attributes as they came, whatever the profile does."""
        return InstanceAttributes(self.encoded)

    def first(self, tag: int) -> str:
        """The first value of a top-level attribute as it came; empty when there is none."""
        return self.attributes.first(tag) or ""

    def holds(self, condition: Condition | None) -> bool:
        """Whether a profile element's condition is true; one that has none always acts. Raises `DeidError`."""
        if condition is None:
            return True
        known = self._holding.get(condition)
        if known is None:
            known = self._holding[condition] = condition.holds(self.attributes)
        return known
