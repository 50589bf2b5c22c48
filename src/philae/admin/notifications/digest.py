"""One study at one destination, summed up for a mail; names a patient only where the receiver is told the name too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.admin.notifications.notice import instances
from philae.admin.redaction import without_uids
from philae.config.subject import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from philae.admin.notifications.notice import Names, Notice
    from philae.config.notify import NotifiedValue, Notify

_LONGEST_REASON: Final = 200
_MOST_REASONS: Final = 10


@dataclass(frozen=True, slots=True)
class SeriesDigest:
    """What became of a series since the last mail. ``uid`` is empty where it may not be told."""

    uid: str
    modality: str
    sop_class_uids: tuple[str, ...]
    delivered: int
    rejected: int
    errors: int
    reasons: tuple[str, ...]
    example: int
    """The gateway's own number of an instance that was not delivered, or of any."""


@dataclass(frozen=True, slots=True)
class StudyDigest:
    """What became of a study since the last mail. Values are those that left; empty where nothing may be told."""

    values: Mapping[NotifiedValue, str]
    accession_number: str
    series: tuple[SeriesDigest, ...]

    @property
    def delivered(self) -> int:
        """Instances that the receiver has."""
        return sum(each.delivered for each in self.series)

    @property
    def rejected(self) -> int:
        """Instances that were excluded."""
        return sum(each.rejected for each in self.series)

    @property
    def errors(self) -> int:
        """Instances that are held or failed."""
        return sum(each.errors for each in self.series)

    def subject(self, notify: Notify) -> str:
        """The subject that ``notify`` asks for."""
        prefix = notify.error_prefix if self.errors else notify.rejection_prefix if self.rejected else ""
        return f"{prefix} {fill(notify.subject, [self.values[name] for name in notify.values])}".strip()


def digest(notices: Sequence[Notice], deidentifies: Callable[[int], bool]) -> StudyDigest:
    """The sum of ``notices`` about one study.

    ``deidentifies`` says whether the destination did so in a version of the configuration: then what did not leave
    has no name here.
    """
    shown = [_shown(each, deidentifies) for each in notices]
    names = next((each for each in shown if each is not None), None)
    series: dict[str, list[Notice]] = {}
    for each in notices:
        series.setdefault(each.original.series_instance_uid, []).append(each)
    return StudyDigest(
        values={
            "PatientID": names.patient_id if names else "",
            "StudyInstanceUID": names.study_instance_uid if names else "",
            "StudyDescription": next((each.description for each in notices if each.description), ""),
            "StudyDate": next((each.study_date for each in notices if each.study_date), ""),
        },
        accession_number=names.accession_number if names else "",
        series=tuple(_series(each, deidentifies) for each in series.values()),
    )


def _shown(notice: Notice, deidentifies: Callable[[int], bool]) -> Names | None:
    if notice.sent is not None:
        return notice.sent
    return None if deidentifies(notice.config_version) else notice.original


def _series(notices: Sequence[Notice], deidentifies: Callable[[int], bool]) -> SeriesDigest:
    shown = next((names for each in notices if (names := _shown(each, deidentifies)) is not None), None)
    missing = [each for each in notices if not each.is_delivered]
    errors = [each for each in missing if each.is_error]
    return SeriesDigest(
        uid=shown.series_instance_uid if shown else "",
        modality=notices[0].modality,
        sop_class_uids=tuple(dict.fromkeys(each.sop_class_uid for each in notices)),
        delivered=instances(notices) - instances(missing),
        rejected=instances(missing) - instances(errors),
        errors=instances(errors),
        reasons=_reasons(missing, deidentifies),
        example=(missing or notices)[0].instance_id,
    )


def _reasons(missing: Sequence[Notice], deidentifies: Callable[[int], bool]) -> tuple[str, ...]:
    reasons = dict.fromkeys(
        without_uids(each.reason) if deidentifies(each.config_version) else each.reason for each in missing
    )
    told = [reason[:_LONGEST_REASON] for reason in reasons if reason]
    more = [f"and {len(told) - _MOST_REASONS} other reasons"] if len(told) > _MOST_REASONS else []
    return (*told[:_MOST_REASONS], *more)
