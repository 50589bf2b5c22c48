"""The doctor of a destination, at its Test button."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response, StreamingResponse

from philae.admin.doctor import Finding, case_of
from philae.admin.examinations import examine_and_keep
from philae.destinations import examination_of
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
_NEXT: Final = "\x1e"
"""Behind the table and behind each of its rows, which the page adds one by one."""


@router.post("/destination/examine")
def examine_destination(page: Configurer, id: int, sent: Sent) -> Response:  # noqa: A002 - the name in the address
    """Every step; takes as long as the destination does."""
    configuration = page.gateway.configurations.current()
    found = configuration.destination(id)
    if found is None:
        raise Problem(404, "There is no such destination")
    node, destination = found
    store = sent.get("store") == "on"
    if store and not page.may("operate"):
        raise Problem(403, "You may not deliver a made-up instance")
    case = case_of(configuration, page.gateway.deliveries, f"{node.ae_title}/{destination.name}", store=store)
    steps = examine_and_keep(examination_of(case), destination.id, page.caller.actor, page.gateway.examinations)
    if "x-steps" in page.request.headers:
        return StreamingResponse(_as_they_come(page, steps), media_type="text/html")
    return page.render("examination.html", node=node, each=destination, findings=list(steps))


def _as_they_come(page: Page, findings: Iterator[Finding]) -> Iterator[str]:
    """An empty table, then a row a step."""
    yield page.text("findings.html", findings=()) + _NEXT
    for each in findings:
        yield page.text("findings_row.html", found=each) + _NEXT
