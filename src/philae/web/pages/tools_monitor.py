"""DICOM tools: how many nodes and DICOMweb endpoints stand, all asked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from philae.admin.address_book import SERVICES, WebEndpoint
from philae.admin.doctor import examine
from philae.config.fields import AETitle
from philae.dimse.address import Address
from philae.tools.monitor import watch
from philae.tools.node_check import TIMEOUTS
from philae.web.forms.faults import faults_of
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.pages.tools_peers import ALL, endpoints_of, groups_of, node_check, nodes_of, of_group, web_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.admin.address_book import DicomNode
    from philae.admin.doctor import Examination

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
CALLING: Final = "PACSMONITOR"
_TITLE: Final = TypeAdapter(AETitle)


@router.get("/tools/monitor")
def show_monitor(page: Configurer) -> Response:
    return _shown(page, {"calling": CALLING})


@router.post("/tools/monitor")
def check_nodes(page: Configurer, sent: Sent) -> Response:
    """Every node of a group, or of all."""
    try:
        calling = _TITLE.validate_python(sent.get("calling", ""))
    except ValidationError:
        return _shown(page, sent, faults={"calling": "1 to 16 characters, no backslash"})

    def examination_of(node: DicomNode) -> Examination:
        return node_check(Address(node.hostname, node.port, node.ae_title, calling, timeouts=TIMEOUTS))

    return _shown(
        page, sent, nodes_watched=watch(of_group(nodes_of(page.gateway), sent.get("group", ALL)), examination_of)
    )


@router.post("/tools/monitor/web")
def check_endpoints(page: Configurer, sent: Sent) -> Response:
    """Every endpoint of a group, or of all."""
    watched = watch(of_group(endpoints_of(page.gateway), sent.get("group", ALL)), web_check)
    return _shown(page, {"calling": CALLING, **sent}, endpoints_watched=watched)


@router.get("/tools/dicomweb")
def show_dicomweb(page: Configurer, peer: str = "") -> Response:
    """``peer`` is in the address book, or a destination; its URL is filled in."""
    found = endpoints_of(page.gateway).get(peer)
    url, services = (found.url, found.services) if found is not None else ("", SERVICES)
    return _web(page, {"url": url, **dict.fromkeys(services, "on")}, peer=peer)


@router.post("/tools/dicomweb")
def check_dicomweb(page: Configurer, sent: Sent) -> Response:
    """One endpoint, step by step."""
    services = tuple(each for each in SERVICES if sent.get(each) == "on")
    try:
        endpoint = WebEndpoint(url=sent.get("url", "").strip(), services=services)
    except ValidationError as error:
        return _web(page, sent, faults=faults_of(error))
    return _web(page, sent, findings=list(examine(web_check(endpoint))))


def _shown(page: Page, typed: Mapping[str, str], **values: object) -> Response:
    nodes, endpoints = nodes_of(page.gateway), endpoints_of(page.gateway)
    given = {"faults": {}, "nodes_watched": None, "endpoints_watched": None, **values}
    return page.render(
        "tools_monitor.html",
        422 if given["faults"] else 200,
        typed=typed,
        nodes=nodes,
        endpoints=endpoints,
        node_groups=groups_of(nodes.values()),
        endpoint_groups=groups_of(endpoints.values()),
        keys={each: key for key, each in nodes.items()},
        **given,
    )


def _web(page: Page, typed: Mapping[str, str], *, peer: str = "", **values: object) -> Response:
    given = {"faults": {}, "findings": [], **values}
    return page.render(
        "tools_dicomweb.html",
        422 if given["faults"] else 200,
        typed=typed,
        peer=peer,
        endpoints=endpoints_of(page.gateway),
        services=SERVICES,
        **given,
    )
