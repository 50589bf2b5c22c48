"""DICOM tools: whether a node answers, and what it would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.doctor import examine
from philae.dimse.errors import DimseError
from philae.tools.capabilities import SYNTAXES, probe
from philae.tools.node_check import advice_for
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.pages.tools_peers import asked, key_of, node_check, nodes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
CALLING: Final = "DCM-TOOLS"


@router.get("/tools")
def show_tools(page: Configurer, peer: str = "", calling: str = CALLING) -> Response:
    """``peer`` is in the address book, or a destination; its address is filled in."""
    return _shown(page, typed_of(page, peer, calling))


@router.post("/tools/echo")
def ask(page: Configurer, sent: Sent) -> Response:
    whom, faults = asked(sent)
    if whom is None:
        return _shown(page, sent, faults=faults)
    return _shown(page, sent, findings=list(examine(node_check(whom.address))))


@router.post("/tools/capabilities")
def ask_what_it_takes(page: Configurer, sent: Sent) -> Response:
    whom, faults = asked(sent)
    if whom is None:
        return _shown(page, sent, faults=faults)
    try:
        return _shown(page, sent, capabilities=probe(whom.address))
    except DimseError as error:
        return _shown(page, sent, failure=f"{error}. {advice_for(error)}")


def typed_of(page: Page, peer: str, calling: str) -> dict[str, str]:
    """A form that asks the peer with this key; an empty one if there is none."""
    found = nodes_of(page.gateway).get(peer)
    if found is None:
        return {"calling": calling}
    return {"calling": calling, "called": found.ae_title, "host": found.hostname, "port": str(found.port)}


def _shown(page: Page, typed: Mapping[str, str], **values: object) -> Response:
    nodes = nodes_of(page.gateway)
    given = {"faults": {}, "findings": [], "capabilities": None, "failure": "", **values}
    return page.render(
        "tools.html",
        422 if given["faults"] else 200,
        typed=typed,
        peer=key_of(nodes, typed),
        nodes=nodes,
        syntaxes=SYNTAXES,
        **given,
    )
