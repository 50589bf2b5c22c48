"""Monitoring: what became of every instance, as a list, as a tree, as charts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.activity import WINDOWS
from philae.admin.deliveries import MOST_COUNTED, Key, Status, page_of
from philae.admin.deliveries_tree import tree_of
from philae.web.api.recording import record
from philae.web.pages.asking import RANGES, VIEWS, Asked, asked_of
from philae.web.pages.page import Page, readers_with

if TYPE_CHECKING:
    from philae.admin.activity import Ended, Window

router = APIRouter(include_in_schema=False)

Reader = Annotated[Page, Depends(readers_with("deliveries"))]
_IDENTIFYING: Final = ("study", "series", "instance", "patient")


@router.get("/monitoring")
def show_deliveries(page: Reader) -> Response:
    """Filters stand in the address; a wrong one is told and not applied."""
    asked = asked_of(page)
    _note_look_up(page, asked)
    if asked.view == "charts":
        return _charts(page, asked)
    filters = asked.filters
    found = page_of(
        page.gateway.deliveries, filters.wanted(), Key.parse(filters.after) if filters.after else None, asked.limit
    )
    count = page.gateway.deliveries.count(filters.wanted(), MOST_COUNTED)
    return _shown(
        page,
        asked,
        deliveries=found.deliveries,
        tree=tree_of(found.deliveries) if asked.view == "tree" else (),
        after=found.after,
        count=count,
        at_least=count >= MOST_COUNTED,
        opened=page.gateway.ledger.counts().opened,
    )


def _charts(page: Page, asked: Asked) -> Response:
    name = asked.typed.get("range", "")
    window = WINDOWS.get(name, WINDOWS["24h"])
    return _shown(
        page,
        asked,
        series=_series(page, asked, window),
        step=window.step,
        windows=tuple(WINDOWS),
        window=name if name in WINDOWS else "24h",
    )


def _series(page: Page, asked: Asked, window: Window) -> tuple[Ended, ...]:
    now = datetime.now(UTC)
    node, name = asked.filters.node, asked.filters.destination
    places = [
        each.place.id
        for its_node in page.gateway.standing().nodes
        for each in its_node.destinations
        if each.place and node in ("", its_node.ae_title) and name in ("", each.name)
    ]
    return window.series(page.gateway.activity.together(window.begin(now), places), now)


def _shown(page: Page, asked: Asked, **values: object) -> Response:
    return page.render(
        "monitoring.html",
        422 if asked.fault else 200,
        asked=asked,
        typed=asked.typed,
        fault=asked.fault,
        views=VIEWS,
        ranges=tuple(RANGES),
        statuses=tuple(Status),
        nodes=page.gateway.configurations.current().forward_nodes,
        sees=page.may("identifiers"),
        **values,
    )


def _note_look_up(page: Page, asked: Asked) -> None:
    """Who searched by what identifies a patient; not for what."""
    names = [name for name in _IDENTIFYING if name in asked.typed]
    if names:
        record(page.gateway, page.caller, "deliveries.searched", f"by {', '.join(names)}")
