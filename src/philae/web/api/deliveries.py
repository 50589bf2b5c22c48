"""Deliveries: look them up, export them, let them go on or give them up."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from philae.admin.deliveries import KEY, LARGEST_PAGE, MOST_COUNTED, Facts, Key, Status, Wanted, every_row, page_of
from philae.admin.deliveries_csv import check_dialect, csv_of
from philae.admin.deliveries_remedy import LONGEST_REASON, discard, next_step, requeue
from philae.admin.deliveries_rules import RuleBook
from philae.pipeline.outcome import State
from philae.web.api.recording import record
from philae.web.auth import Caller, Reached, allowed
from philae.web.gateway import Gateway
from philae.web.problems import Problem

router = APIRouter(prefix="/api/v1/deliveries", tags=["deliveries"])

ORIGINAL: Final = frozenset(
    {
        "patient_id",
        "issuer_of_patient_id",
        "accession_number",
        "study_instance_uid",
        "series_instance_uid",
        "sop_instance_uid",
    }
)
"""What identifies a patient: told only to tokens with the scope ``identifiers``. So is what was sent, in case nothing was de-identified."""
_SENT: Final = frozenset(f"sent_{name}" for name in ORIGINAL - {"issuer_of_patient_id"})

_FIRST: Final = datetime(1971, 1, 1, tzinfo=UTC)
_MOST_NAMED: Final = 10_000
_DATED: Final = re.compile(r"\d{4}-\d\d-\d\d")
_LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)

Reader = Annotated[Caller, Depends(allowed("deliveries"))]
Identifier = Annotated[Caller, Depends(allowed("identifiers"))]
Operator = Annotated[Caller, Depends(allowed("operate"))]


def _written(given: object) -> object:
    """A number is refused: pydantic takes it for seconds since 1970, and 20260131 is meant for a day."""
    if isinstance(given, datetime) or (isinstance(given, str) and _DATED.match(given)):
        return given
    raise ValueError("write a date and a time, such as 2026-01-31T08:00:00Z")


def _stored(moment: datetime) -> datetime:
    """UTC if it does not say; the nearest one in the years that there may be deliveries of."""
    if not _FIRST.year <= moment.year < _LAST.year:
        return _FIRST if moment.year < _FIRST.year else _LAST
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_written), AfterValidator(_stored)]
Text = Annotated[str, StringConstraints(max_length=320, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, StringConstraints(pattern=f"^{KEY}$")]
"""Of a delivery, such as ``18c8a1b3c4d00f3a-3``."""
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_REASON, pattern=r"^[!-~\xa1-\uffdc][^\x00-\x1f\x7f]*$"),
]
Mark = Annotated[str, StringConstraints(pattern=r"^[!-/:-@\[-`{-~\t]$")]


class Filters(BaseModel):
    """Which deliveries are meant; what is left out is not asked about."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = None
    until: Moment | None = None
    study: Text = ""
    series: Text = ""
    instance: Text = ""
    patient: Text = ""
    status: list[Status] = Field(default=[], max_length=len(Status))
    node: Text = ""
    destination: Text = ""
    code: Text = ""

    def wanted(self) -> Wanted:
        return Wanted(
            since=self.since,
            until=self.until,
            study_instance_uid=self.study,
            series_instance_uid=self.series,
            sop_instance_uid=self.instance,
            patient_id=self.patient,
            states=frozenset().union(*(each.states for each in self.status)),
            node=self.node,
            destination=self.destination,
            code=self.code,
        )


class Paged(Filters):
    """A page of what the filters find."""

    after: Name | None = None
    """Where the last page ended."""
    limit: int = Field(default=50, ge=1, le=LARGEST_PAGE)


class Written(Filters):
    """How what the filters find is written."""

    delimiter: Mark = ","
    quote: Mark = '"'


class Named(BaseModel):
    """Deliveries by their names."""

    model_config = ConfigDict(extra="forbid")

    deliveries: list[Name] = Field(min_length=1, max_length=_MOST_NAMED)

    def chosen(self) -> list[Key]:
        return [Key.parse(text) for text in self.deliveries]


class Filtered(BaseModel):
    """All deliveries that the filters find."""

    model_config = ConfigDict(extra="forbid")

    filters: Filters

    def chosen(self) -> Wanted:
        return self.filters.wanted()


class NamedForReason(Named):
    """Deliveries to give up, and why."""

    reason: Reason


class FilteredForReason(Filtered):
    """All that the filters find, and why to give it up."""

    reason: Reason


Found = Annotated[Filters, Query()]
Meant = Named | Filtered
Choice = Annotated[Meant, Body()]
Doomed = Annotated[NamedForReason | FilteredForReason, Body()]


@router.get("", summary="Deliveries, newest first")
def read_deliveries(gateway: Reached, caller: Reader, found: Annotated[Paged, Query()]) -> dict[str, object]:
    """A page of them; ``after`` is where the next page begins, null on the last."""
    check_may_ask(caller, found)
    after = Key.parse(found.after) if found.after is not None else None
    page = page_of(gateway.deliveries, found.wanted(), after, found.limit)
    return {
        "deliveries": [_shown(each, caller) for each in page.deliveries],
        "after": str(page.after) if page.after else None,
    }


@router.get("/count", summary="How many deliveries there are")
def count_deliveries(gateway: Reached, caller: Reader, found: Found) -> dict[str, object]:
    """Counted up to 1,000; ``at_least`` tells that there are more."""
    check_may_ask(caller, found)
    count = gateway.deliveries.count(found.wanted(), MOST_COUNTED)
    return {"count": count, "at_least": count >= MOST_COUNTED}


@router.get("/export.csv", summary="Deliveries as CSV", response_class=StreamingResponse)
def export_deliveries(gateway: Reached, caller: Identifier, found: Annotated[Written, Query()]) -> StreamingResponse:
    """Every delivery that the filters find, streamed; texts that a spreadsheet would compute are made harmless."""
    check_dialect(found.delimiter, found.quote)
    record(gateway, caller, "deliveries.exported", "")
    rules = RuleBook(gateway.configurations)
    rows = csv_of(every_row(gateway.deliveries, found.wanted()), rules, found.delimiter, found.quote)
    named = {"Content-Disposition": 'attachment; filename="deliveries.csv"'}
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=named)


@router.get("/{name}", summary="One delivery")
def read_delivery(gateway: Reached, caller: Reader, name: Annotated[Name, Path()]) -> dict[str, object]:
    found = gateway.deliveries.one(Key.parse(name))
    if found is None:
        raise Problem(404, f"There is no delivery {name}")
    return _shown(found, caller)


@router.post("/release", summary="Let held deliveries go on")
def release_deliveries(gateway: Reached, caller: Operator, meant: Choice) -> dict[str, int]:
    """Under the current configuration: a profile that was corrected holds for them."""
    version = gateway.configurations.current().version
    return _requeued(gateway, caller, meant, State.HELD, version)


@router.post("/retry", summary="Try failed deliveries again")
def retry_deliveries(gateway: Reached, caller: Operator, meant: Choice) -> dict[str, int]:
    return _requeued(gateway, caller, meant, State.FAILED, None)


@router.post("/discard", summary="Give held or failed deliveries up, for a reason")
def discard_deliveries(gateway: Reached, caller: Operator, meant: Doomed) -> dict[str, int]:
    count = discard(gateway.deliveries, gateway.remedies, meant.chosen(), meant.reason, caller.actor)
    record(gateway, caller, "deliveries.discarded", f"{count} deliveries", meant.reason)
    return {"discarded": count}


def _requeued(gateway: Gateway, caller: Caller, meant: Meant, stopped: State, version: int | None) -> dict[str, int]:
    count = requeue(gateway.deliveries, gateway.remedies, meant.chosen(), stopped, version)
    record(gateway, caller, "deliveries.requeued", f"{count} {stopped.name.lower()} deliveries")
    gateway.bell.ring()
    return {"requeued": count}


def _shown(found: Facts, caller: Caller) -> dict[str, object]:
    hidden = hidden_from(caller)
    shown: dict[str, Any] = {name: value for name, value in found._asdict().items() if name not in hidden}
    for name in ("received_at", "changed_at", "not_before"):
        shown[name] = shown[name].isoformat() if shown[name] else None
    return {"name": str(found.key), **shown, "state": found.state.name.lower(), "next_step": next_step(found)}


def hidden_from(caller: Caller) -> frozenset[str]:
    """The facts that the caller may not see."""
    return frozenset() if caller.allows("identifiers") else ORIGINAL | _SENT


def check_may_ask(caller: Caller, filters: Filters) -> None:
    """Who may not see identifiers may not find out by asking."""
    asks = filters.study or filters.series or filters.instance or filters.patient
    if asks and not caller.allows("identifiers"):
        raise Problem(403, "The API token may not search by identifiers", "it needs the scope 'identifiers'")
