"""The doctor's rounds of a worker: examines destinations again and again, so that one that is ill raises an alarm."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from philae.admin.doctor import case_of
from philae.admin.examinations import SCHEDULE, examine_and_keep
from philae.destinations import examination_of
from philae.pipeline.errand import keep_at

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from philae.admin.deliveries import DeliveryBook
    from philae.admin.examinations import Examinations
    from philae.pipeline.ports import ConfigStore
    from philae.pipeline.wake import Wake

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """Examines each destination once in ``every``, first so long after the start unless it was examined before."""

    configurations: ConfigStore
    deliveries: DeliveryBook
    examinations: Examinations
    every: timedelta
    since: datetime = field(default_factory=lambda: datetime.now(UTC))

    def run(self, wake: Wake, held: Callable[[], Collection[int]]) -> None:
        """Work until told to stop; ``held`` are the destinations that no other process sees to."""
        keep_at(lambda: self.work(datetime.now(UTC), held(), wake), wake, LOOK_EVERY_S)

    def work(self, now: datetime, held: Collection[int], wake: Wake) -> None:
        """Examine what is due at ``now``, one after the other. Raises `LedgerUnavailable`."""
        before = self.examinations.newest(held)
        for number in sorted(held):
            last = before[number].at if number in before else self.since
            if now - last >= self.every and not wake.stopped:
                self._examine(number)

    def _examine(self, number: int) -> None:
        configuration = self.configurations.current()
        found = configuration.destination(number)
        if found is None:
            return
        case = case_of(configuration, self.deliveries, f"{found[0].ae_title}/{found[1].name}")
        for finding in examine_and_keep(examination_of(case), number, SCHEDULE, self.examinations):
            log.debug("doctor.step", extra={"destination": number, "step": finding.step, "verdict": finding.verdict})
