"""Whether the DICOM destinations of a forward node answer; the address is Karnak's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Annotated, Final
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import JSONResponse

from philae.config.forward_node import ForwardNode
from philae.destinations.dicom import DicomSettings
from philae.destinations.dicom.address import address_of
from philae.dimse.errors import DimseError
from philae.dimse.limits import Timeouts
from philae.pipeline.outcome import TryAgain
from philae.tools.echo import echo
from philae.web.auth import Reached, allowed

router = APIRouter(tags=["echo"], dependencies=[Depends(allowed("status"))])

UNREACHABLE: Final = 0x0122
_TIMEOUTS: Final = Timeouts(connect_s=3.0, associate_s=5.0, response_s=5.0)
_AT_ONCE: Final = 8


@router.get(
    "/api/echo/destinations",
    summary="C-ECHO to every DICOM destination of a forward node",
    responses={204: {"description": "No such forward node, or it has no enabled DICOM destination"}},
)
def echo_destinations(
    gateway: Reached,
    node_title: Annotated[str, Query(alias="srcAet", description="AE title of the forward node")],
    accept: Annotated[str, Header()] = "application/json",
) -> Response:
    """``status`` is the DIMSE status, 0 for success, 290 (0122H) where no association can be made.

    204 if there is no such node, or it has no enabled DICOM destination. JSON, or XML if it is asked for.
    """
    node = gateway.configurations.current().node(node_title)
    wanted = [each for each in node.destinations if each.enabled] if node is not None else []
    dicom = [each.settings for each in wanted if isinstance(each.settings, DicomSettings)]
    if node is None or not dicom:
        return Response(status_code=204)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda each: _answer(node, each), dicom))
    if "xml" in accept and "json" not in accept:
        return Response(_as_xml(answers), media_type="application/xml")
    return JSONResponse([{"aet": title, "status": status} for title, status in answers])


def _answer(node: ForwardNode, settings: DicomSettings) -> tuple[str, int]:
    try:
        answer = echo(replace(address_of(settings, node), timeouts=_TIMEOUTS))
    except (DimseError, TryAgain):
        return settings.ae_title, UNREACHABLE
    return settings.ae_title, answer.status if answer is not None else UNREACHABLE


def _as_xml(answers: list[tuple[str, int]]) -> bytes:
    root = ET.Element("destinations")
    for title, status in answers:
        destination = ET.SubElement(root, "destination")
        ET.SubElement(destination, "aet").text = title
        ET.SubElement(destination, "status").text = str(status)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
