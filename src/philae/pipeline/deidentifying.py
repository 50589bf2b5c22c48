"""De-identification of one instance for one destination."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from philae.deid.tripwire import IdentifierLeft
from philae.pipeline.leaving import leaving, room_for_pixels
from philae.pipeline.model import Excluded
from philae.pipeline.naming import names_of

if TYPE_CHECKING:
    from philae.config.deidentify import TripwirePolicy
    from philae.deid.engine import CompiledProfile
    from philae.deid.pixels.codec import Transcoding
    from philae.deid.plan import Plan
    from philae.deid.tripwire import Tripwire
    from philae.pipeline.leaving import Asking
    from philae.pipeline.model import Delivery, Outgoing
    from philae.pipeline.ports import PseudonymSource, SpoolFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deidentification:
    """A project's compiled profile, its source of pseudonyms, and what a leak does at the destination."""

    compiled: CompiledProfile
    pseudonyms: PseudonymSource
    tripwire: Tripwire
    policy: TripwirePolicy
    ask: Asking
    transcoding: Transcoding

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What the receiver may see. Raises `DeidError`."""
        pseudonym = self.pseudonyms.pseudonym(file.encoded)
        replies = self.ask(self.compiled.requests(file.encoded, pseudonym=pseudonym))
        with room_for_pixels():
            output = self.compiled.output(
                file.encoded,
                pseudonym=pseudonym,
                now=delivery.instance.received_at,
                replies=replies,
                transcoding=self.transcoding,
            )
        plan = output.plan
        if plan.excluded is not None:
            return Excluded(plan.excluded)
        self._check(delivery, file, plan)
        return leaving(delivery, file, output, names_of(plan, file.encoded.syntax, delivery.instance.identifiers))

    def _check(self, delivery: Delivery, file: SpoolFile, plan: Plan) -> None:
        """Raises `IdentifierLeft`, or warns, if an original identifier would leave."""
        if self.policy == "off":
            return
        try:
            self.tripwire.check(file.encoded, plan)
        except IdentifierLeft as error:
            if self.policy == "hold":
                raise
            place = {"destination": delivery.destination_id, "instance": delivery.instance.id}
            log.warning("delivery.identifier_left", extra={**place, "reason": str(error)})
