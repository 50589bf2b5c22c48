"""Tag morphing of one instance for one destination: its profile alone, without pseudonym."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from philae.deid.errors import DeidError
from philae.deid.output import planned_output
from philae.dicom.scan import inflate
from philae.pipeline.leaving import leaving, room_for_pixels
from philae.pipeline.model import Excluded
from philae.pipeline.naming import names_of

if TYPE_CHECKING:
    from philae.deid.engine import CompiledProfile
    from philae.deid.pixels.codec import Transcoding
    from philae.pipeline.leaving import Asking
    from philae.pipeline.model import Delivery, Outgoing
    from philae.pipeline.ports import SpoolFile


@dataclass(frozen=True, slots=True)
class Morphing:
    """A project's compiled profile; its rules for pixels do not count."""

    compiled: CompiledProfile
    ask: Asking
    transcoding: Transcoding

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What the receiver gets. Raises `DeidError`."""
        encoded = file.encoded
        plain = inflate(encoded)
        plan = self.compiled.morph(plain, replies=self.ask(self.compiled.requests(plain, pseudonym=None)))
        if plan.excluded is not None:
            return Excluded(plan.excluded)
        if not (plan.sop_class_uid and plan.sop_instance_uid):
            raise DeidError("the profile takes SOP Class UID or SOP Instance UID away; nobody could receive the rest")
        with room_for_pixels():
            output = planned_output(plain, plan, encoded.syntax, self.transcoding)
        return leaving(delivery, file, output, names_of(plan, encoded.syntax, delivery.instance.identifiers))
