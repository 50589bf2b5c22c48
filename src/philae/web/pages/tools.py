"""DICOM tools: whether a peer answers."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from philae.config.model import AETitle, Port
from philae.destinations.dicom import DicomSettings
from philae.dimse.address import Address
from philae.dimse.errors import DimseError
from philae.dimse.limits import Timeouts
from philae.tools.echo import Echo, echo
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
CALLING: Final = "DCM-TOOLS"
_TIMEOUTS: Final = Timeouts(connect_s=3.0, associate_s=5.0, response_s=5.0)


class Asked(BaseModel):
    """Whom to ask."""

    called: AETitle
    host: str
    port: Port
    calling: AETitle = CALLING


@router.get("/tools")
def show_tools(page: Configurer, id: int = 0) -> Response:  # noqa: A002 - the name in the address
    """``id``: of a destination, whose address is filled in."""
    typed: dict[str, str] = {"calling": CALLING}
    found = page.gateway.configurations.current().destination(id)
    if found is not None and isinstance(found[1].settings, DicomSettings):
        settings = found[1].settings
        calling = settings.calling_ae_title or found[0].ae_title
        typed = {"called": settings.ae_title, "host": settings.hostname, "port": str(settings.port), "calling": calling}
    return _shown(page, typed, {})


@router.post("/tools/echo")
def ask(page: Configurer, sent: Annotated[dict[str, str], Depends(sent_form)]) -> Response:
    typed = {name: sent.get(name, "").strip() for name in ("called", "host", "port", "calling")}
    try:
        asked = Asked.model_validate(typed)
    except ValidationError as error:
        return _shown(page, typed, {str(each["loc"][0]): each["msg"] for each in error.errors()}, status=422)
    try:
        answer = echo(Address(asked.host, asked.port, asked.called, asked.calling, timeouts=_TIMEOUTS))
    except DimseError as error:
        return _shown(page, typed, {}, failure=str(error))
    return _shown(page, typed, {}, answer=answer, is_asked=True)


def _shown(
    page: Page,
    typed: dict[str, str],
    faults: object,
    *,
    answer: Echo | None = None,
    failure: str = "",
    is_asked: bool = False,
    status: int = 200,
) -> Response:
    return page.render(
        "tools.html",
        status,
        typed=typed,
        faults=faults,
        answer=answer,
        failure=failure,
        is_asked=is_asked,
    )
