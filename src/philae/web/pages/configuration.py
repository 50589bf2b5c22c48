"""The configuration as one document: read, compared, applied."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.config.document import DocumentFaults, dump_document
from philae.web.pages.audit import difference
from philae.web.pages.changing import replace, sent_form
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/configuration")
def show_configuration(page: Configurer) -> Response:
    return _shown(page, dump_document(page.gateway.configurations.current()))


@router.get("/configuration/download")
def download_configuration(page: Configurer) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="philae.yml"'}
    document = dump_document(page.gateway.configurations.current())
    return Response(document, media_type="application/yaml", headers=headers)


@router.post("/configuration")
def apply_configuration(page: Configurer, sent: Sent) -> Response:
    """First what would change is shown; applied is what was shown."""
    text = sent.get("text", "").replace("\r\n", "\n")
    current = page.gateway.configurations.current()
    try:
        wanted = page.gateway.read_document(text)
        if sent.get("act") == "apply":
            after = replace(page, sent, ("configuration.applied", "document"), text)
            return page.go("/configuration", done="saved" if after.version != current.version else "unchanged")
    except DocumentFaults as error:
        return _shown(page, text, faults=error.faults, status=422)
    lines = difference(dump_document(current), dump_document(wanted))
    return _shown(page, text, lines=lines, is_checked=True)


def _shown(
    page: Page,
    text: str,
    *,
    faults: object = (),
    lines: object = (),
    is_checked: bool = False,
    status: int = 200,
) -> Response:
    version = page.gateway.configurations.current().version
    values = {"faults": faults, "lines": lines, "is_checked": is_checked}
    return page.render("configuration.html", status, text=text, version=version, **values)
