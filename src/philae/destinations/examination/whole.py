"""All steps for one destination: the way there, what its kind knows of its ills, a trial delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.admin.doctor import Step
from philae.destinations.examination.reach import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from philae.admin.doctor import Case, Doctor, Said
    from philae.config.kinds import DestinationSettings
    from philae.pipeline.ports import Sender

PATIENCE_S: Final = 10.0
"""People wait for the answer: a receiver has no longer for it, even where deliveries would wait for minutes."""


def impatient(settings: DestinationSettings) -> DestinationSettings:
    """The same settings with shorter timeouts."""
    timeouts = {"connect_timeout_s", "response_timeout_s"} & type(settings).model_fields.keys()
    return settings.model_copy(update={name: min(getattr(settings, name), PATIENCE_S) for name in timeouts})


class WholeExamination:
    """`philae.admin.doctor.Examination` of any kind of destination."""

    def __init__(self, doctor: Doctor, case: Case, make_sender: Callable[[], Sender]) -> None:
        self._doctor = doctor
        self._case = case
        self._make_sender = make_sender

    def steps(self) -> Iterator[Step]:
        """From a name to a trial delivery."""
        if self._doctor.endpoint is not None:
            yield from reach(self._doctor.endpoint)
        yield from self._doctor.steps()
        yield Step("trial delivery", self._try)

    def close(self) -> None:
        """Leave nothing open."""
        self._doctor.close()

    def _try(self) -> Said:
        """A receiver may take one association or login at a time."""
        from philae.destinations.examination.trial import trial  # noqa: PLC0415 - pydicom is slow to load

        self._doctor.close()
        return trial(self._case, self._make_sender)
