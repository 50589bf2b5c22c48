"""The options that say which deliveries are meant, shared by the commands of ``philae deliveries``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.admin.deliveries import Status
from philae.cli.failure import Misuse

if TYPE_CHECKING:
    from philae.admin.deliveries import Wanted

_AGO: Final = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_MOMENT: Final = "MOMENT"
_UID: Final = "UID"


@dataclass(frozen=True, slots=True)
class DeliveryFilters:
    """The options; what is not given is not asked about."""

    status: Annotated[Status | None, typer.Option(help="Where they stand.")] = None
    since: Annotated[
        str, typer.Option(metavar=_MOMENT, help="Arrived from then on: 2026-03-01, '2026-03-01 14:30', or 24h, 7d ago.")
    ] = ""
    until: Annotated[str, typer.Option(metavar=_MOMENT, help="Arrived before then.")] = ""
    study: Annotated[str, typer.Option(metavar=_UID, help="Study Instance UID, original or sent.")] = ""
    series: Annotated[str, typer.Option(metavar=_UID, help="Series Instance UID, original or sent.")] = ""
    instance: Annotated[str, typer.Option(metavar=_UID, help="SOP Instance UID, original or sent.")] = ""
    patient: Annotated[str, typer.Option(metavar="ID", help="Patient ID, original or sent.")] = ""
    node: Annotated[str, typer.Option(metavar="AET", help="Forward node.")] = ""
    destination: Annotated[str, typer.Option(metavar="NAME", help="Destination, by its name.")] = ""
    code: Annotated[str, typer.Option(help="The receiver's status, or the kind of fault, as `list` has them.")] = ""

    @property
    def words(self) -> str:
        """Which filters were given, without what they ask for: that may be a patient's."""
        return f"by {', '.join(self.given)}" if self.given else "all"

    @property
    def given(self) -> tuple[str, ...]:
        """The names of those that were given."""
        return tuple(name for name in self.__slots__ if getattr(self, name))

    def wanted(self) -> Wanted:
        """Raises `Misuse` for a moment that is none."""
        from philae.admin.deliveries import Wanted

        return Wanted(
            since=_moment("--since", self.since),
            until=_moment("--until", self.until),
            study_instance_uid=self.study.strip(),
            series_instance_uid=self.series.strip(),
            sop_instance_uid=self.instance.strip(),
            patient_id=self.patient.strip(),
            states=self.status.states if self.status else frozenset(),
            node=self.node.strip(),
            destination=self.destination.strip(),
            code=self.code.strip(),
        )


def _moment(option: str, text: str) -> datetime | None:
    """Local time unless it names a zone."""
    if not text:
        return None
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Misuse(f"{option} {text!r} is no moment; write 2026-03-01, '2026-03-01 14:30' or 24h") from error
