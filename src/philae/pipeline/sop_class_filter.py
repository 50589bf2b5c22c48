"""What a destination does not want, by SOP class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.dicom.standard.uids import uid_name
from philae.pipeline.model import Excluded
from philae.pipeline.route import pinned_destination

if TYPE_CHECKING:
    from philae.pipeline.model import Delivery, Outgoing
    from philae.pipeline.path import Transforming
    from philae.pipeline.ports import ConfigStore, SpoolFile


class SopClassFilter:
    """Excludes, or lets the transform prepare, as it was configured when an instance was accepted."""

    def __init__(self, configurations: ConfigStore, transform: Transforming) -> None:
        self._configurations = configurations
        self._transform = transform
        self._wanted: dict[tuple[int, int], frozenset[str]] = {}

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What goes out. Raises what the transform raises, and `Unroutable`."""
        sop_class_uid = delivery.instance.identifiers.sop_class_uid
        wanted = self._wanted_by(delivery)
        if wanted and sop_class_uid not in wanted:
            name = uid_name(sop_class_uid) or sop_class_uid
            return Excluded(f"{name} is none of the SOP classes that the destination takes")
        return self._transform(delivery, file)

    def _wanted_by(self, delivery: Delivery) -> frozenset[str]:
        key = (delivery.config_version, delivery.destination_id)
        if key not in self._wanted:
            configuration = self._configurations.version(delivery.config_version)
            self._wanted[key] = frozenset(pinned_destination(delivery, configuration).sop_classes)
        return self._wanted[key]
