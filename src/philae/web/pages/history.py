"""The versions of the configuration: what changed in each, and back to one of them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from philae.admin.config_history import go_back, version_of
from philae.admin.declined import ChangedMeanwhile
from philae.admin.editing import audited
from philae.config.document import DocumentFaults
from philae.web.pages.audit import difference
from philae.web.pages.changing import conflict, sent_form
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
Number = Annotated[int, Query(ge=0, lt=1 << 31)]
_ON_A_PAGE: Final = 50


@router.get("/configuration/history")
def show_history(page: Configurer, before: Number | None = None) -> Response:
    versions = page.gateway.config_history.versions(before=before, limit=_ON_A_PAGE)
    return page.render(
        "history.html",
        versions=versions,
        current=page.gateway.configurations.current().version,
        is_first=before is None,
        before=versions[-1].number if len(versions) == _ON_A_PAGE else None,
    )


@router.get("/configuration/version")
def show_version(page: Configurer, number: Number) -> Response:
    return _shown(page, number)


@router.post("/configuration/version")
def undo(page: Configurer, number: Number, sent: Sent) -> Response:
    """Apply an old version as a new one, if nobody changed anything since it was compared."""
    seen = sent.get("version", "")
    try:
        go_back(page.gateway.desk, page.caller.actor, number, int(seen) if seen.isdecimal() else -1)
    except ChangedMeanwhile:
        raise conflict() from None
    except DocumentFaults as error:
        return _shown(page, number, faults=error.faults, status=422)
    return page.go("/configuration/history", done="saved")


def _shown(page: Page, number: int, *, faults: object = (), status: int = 200) -> Response:
    """What the version had changed, and what going back to it would change."""
    desk = page.gateway.desk
    it, current = version_of(desk, number), page.gateway.configurations.current()
    earlier = audited(version_of(desk, number - 1)) if number > 0 else ""
    return page.render(
        "version.html",
        status,
        number=number,
        current=current.version,
        changed=difference(earlier, audited(it)),
        undone=difference(audited(current), audited(it)),
        faults=faults,
    )
