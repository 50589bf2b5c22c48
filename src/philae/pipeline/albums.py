"""Which albums an instance brings its series into, by their conditions on the instance as it came."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from philae.deid.expressions import Condition, compile_condition
from philae.deid.instance_attributes import InstanceAttributes
from philae.pipeline.model import Outgoing
from philae.pipeline.route import pinned_destination

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.pipeline.model import Delivery, Excluded
    from philae.pipeline.path import Transforming
    from philae.pipeline.ports import ConfigStore, SpoolFile

    Conditions = Sequence[tuple[str, Condition | None]]


class AlbumChoice:
    """A transform that also names the albums, as they were configured when an instance was accepted."""

    def __init__(self, configurations: ConfigStore, transform: Transforming) -> None:
        self._configurations = configurations
        self._transform = transform
        self._known: dict[tuple[int, int], Conditions] = {}
        self._compiling = Lock()

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What goes out. Raises what the transform raises, `Unroutable`, and `DeidError` where there is no answer."""
        result = self._transform(delivery, file)
        conditions = self._of(delivery)
        if not conditions or not isinstance(result, Outgoing):
            return result
        attributes = InstanceAttributes(file.encoded)
        albums = tuple(name for name, condition in conditions if condition is None or condition.holds(attributes))
        return replace(result, albums=albums)

    def _of(self, delivery: Delivery) -> Conditions:
        key = (delivery.config_version, delivery.destination_id)
        with self._compiling:
            if key not in self._known:
                configuration = self._configurations.version(delivery.config_version)
                self._known[key] = [
                    (album.name, compile_condition(album.condition) if album.condition else None)
                    for album in pinned_destination(delivery, configuration).settings.shares_with
                ]
            return self._known[key]
