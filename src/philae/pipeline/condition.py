"""What a destination does not want, by its condition on the instance as it came."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from philae.deid.expressions import Condition, compile_condition
from philae.deid.instance_attributes import InstanceAttributes
from philae.pipeline.model import Excluded
from philae.pipeline.route import pinned_destination

if TYPE_CHECKING:
    from philae.pipeline.model import Delivery, Outgoing
    from philae.pipeline.path import Transforming
    from philae.pipeline.ports import ConfigStore, SpoolFile

NOT_MET: Final = Excluded("the condition of the destination is not met")


class ConditionFilter:
    """Excludes, or lets the transform prepare, as it was configured when an instance was accepted."""

    def __init__(self, configurations: ConfigStore, transform: Transforming) -> None:
        self._configurations = configurations
        self._transform = transform
        self._conditions: dict[tuple[int, int], Condition | None] = {}
        self._compiling = Lock()

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What goes out. Raises what the transform raises, `Unroutable`, and `DeidError` where there is no answer."""
        condition = self._of(delivery)
        if condition is not None and not condition.holds(InstanceAttributes(file.encoded)):
            return NOT_MET
        return self._transform(delivery, file)

    def _of(self, delivery: Delivery) -> Condition | None:
        key = (delivery.config_version, delivery.destination_id)
        with self._compiling:
            if key not in self._conditions:
                configuration = self._configurations.version(delivery.config_version)
                text = pinned_destination(delivery, configuration).condition
                self._conditions[key] = compile_condition(text) if text else None
            return self._conditions[key]
