"""Pseudonym mapping: whom an external pseudonym stands for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.projects import project_named
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.pages.pseudonyms import editor_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.admin.pseudonyms import Entry

router = APIRouter(include_in_schema=False)

Investigator = Annotated[Page, Depends(readers_with("identifiers"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/mapping")
def show_mapping(page: Investigator) -> Response:
    return _shown(page, "", "", None)


@router.post("/mapping")
def look_up(page: Investigator, sent: Sent) -> Response:
    """Exactly what was typed, letter case included, in one project or in each; sent, so that no address holds it."""
    pseudonym, project = sent.get("pseudonym", "").strip(), sent.get("project", "")
    if project:
        project_named(page.gateway.configurations.current(), project)
    found = editor_of(page).lookup(pseudonym, datetime.now(UTC), project) if pseudonym else None
    return _shown(page, pseudonym, project, found)


def _shown(page: Page, pseudonym: str, project: str, found: Sequence[Entry] | None) -> Response:
    projects = page.gateway.configurations.current().projects
    return page.render("mapping.html", pseudonym=pseudonym, project=project, found=found, projects=projects)
