"""The doctor of a destination, at its Test button."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.doctor import case_of, examine
from philae.destinations import examination_of
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


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
    findings = list(examine(examination_of(case)))
    template = "findings.html" if "hx-request" in page.request.headers else "examination.html"
    return page.render(template, node=node, each=destination, findings=findings)
