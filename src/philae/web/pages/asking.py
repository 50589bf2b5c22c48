"""What a reader of Monitoring asks for, as it stands in the address of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from philae.web.api.deliveries import Filters, Moment, Paged, check_may_ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.web.pages.page import Page

VIEWS: Final = ("list", "tree", "charts")
RANGES: Final = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
"""Stretches of time that end now."""
_OURS: Final = ("view", "range", "done")
_IN_A_TREE: Final = 500
_MOMENT: Final = TypeAdapter[datetime](Moment)


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters that were understood, and what was typed for them."""

    typed: Mapping[str, str]
    filters: Paged
    fault: str = ""
    """Why they were not understood; everything is asked for then."""

    @property
    def view(self) -> str:
        """One of `VIEWS`."""
        view = self.typed.get("view", "")
        return view if view in VIEWS else VIEWS[0]

    @property
    def limit(self) -> int:
        """How many deliveries are looked at."""
        return _IN_A_TREE if self.view == "tree" else self.filters.limit

    def address(self, **changed: str) -> str:
        """The same page, asked a little differently; an empty value takes a filter away."""
        asked = {name: value for name, value in {**self.typed, **changed}.items() if value}
        return f"/monitoring?{urlencode(asked)}" if asked else "/monitoring"

    def clock(self, name: str) -> str:
        """A moment that was typed, in UTC as forms write it; what is none as it was typed."""
        try:
            at = _MOMENT.validate_python(self.typed.get(name, ""))
        except ValidationError:
            return self.typed.get(name, "")
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")

    def exported(self) -> list[tuple[str, str]]:
        """The filters as the REST API takes them; a range is what it is at this moment."""
        document = self.filters.model_dump(mode="json", include=set(Filters.model_fields), exclude_defaults=True)
        pairs = ((name, value if isinstance(value, list) else [value]) for name, value in document.items())
        return [(name, str(each)) for name, values in pairs for each in values]


def asked_of(page: Page) -> Asked:
    """What the address of the page asks for. Raises `Problem` 403."""
    typed = {name: value for name, value in page.request.query_params.items() if value and name != "done"}
    asked: dict[str, Any] = {name: value for name, value in typed.items() if name not in _OURS}
    if "status" in asked:
        asked["status"] = [asked["status"]]
    if typed.get("range") in RANGES:
        asked["since"] = datetime.now(UTC) - RANGES[typed["range"]]
    try:
        filters = Paged.model_validate(asked)
    except ValidationError as error:
        first = error.errors()[0]
        return Asked(
            typed, Paged(), f"{'.'.join(map(str, first['loc'][:1]))}: {first['msg'].removeprefix('Value error, ')}"
        )
    check_may_ask(page.caller, filters)
    return Asked(typed, filters)
