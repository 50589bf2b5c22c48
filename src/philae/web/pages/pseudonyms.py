"""External pseudonyms: the table of a project, row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from philae.admin.projects import project_named
from philae.admin.pseudonym_csv import FIELDS
from philae.admin.pseudonym_editing import Collisions, PseudonymEditor
from philae.admin.pseudonyms import Entry, Patient, faults_of
from philae.admin.pseudonyms import Page as Part
from philae.web.pages.changing import Faulty, conflict, numbers_of, sent_form, ticked
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Keeper = Annotated[Page, Depends(readers_with("pseudonyms"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_ON_A_PAGE: Final = 100
_LARGEST: Final = (1 << 63) - 1
Number = Annotated[int, Query(ge=0, le=_LARGEST)]


@router.get("/pseudonyms")
def show_pseudonyms(page: Keeper, project: str = "", after: Number = 0) -> Response:
    """The project that there is, if there is but one; texts that rows contain stand in the address."""
    known = page.gateway.configurations.current().projects
    if not project and len(known) == 1:
        project = known[0].name
    typed = {name: text for name in FIELDS if (text := page.request.query_params.get(name, "").strip())}
    return shown(page, project, typed=typed, after=after)


@router.post("/pseudonyms/add")
def add_pseudonym(page: Keeper, project: str, sent: Sent) -> Response:
    now = datetime.now(UTC)
    try:
        released = _stored(sent, lambda patient: editor_of(page).add_one(project, patient, now))
    except Faulty as faulty:
        return shown(page, project, 422, sent=sent, faults=faulty.faults)
    return done(page, project, rows=1, released=released)


@router.post("/pseudonyms/delete")
def delete_pseudonyms(
    page: Keeper, project: str, sent: Sent, rows: Annotated[list[str], Depends(ticked("row"))]
) -> Response:
    """The one whose button was pressed, or else those that are ticked."""
    numbers = numbers_of([sent["only"]] if "only" in sent else rows)
    if not numbers:
        raise Problem(422, "No row is ticked", "tick those that you mean")
    editor_of(page).delete(
        project_named(page.gateway.configurations.current(), project).name, numbers, datetime.now(UTC)
    )
    return page.go("/pseudonyms", project=project, done="deleted")


@router.get("/pseudonyms/clear")
def show_clear(page: Keeper, project: str) -> Response:
    named = project_named(page.gateway.configurations.current(), project)
    return page.render("pseudonyms_clear.html", project=named.name, version="")


@router.post("/pseudonyms/clear")
def clear_pseudonyms(page: Keeper, project: str) -> Response:
    editor_of(page).clear(project, datetime.now(UTC))
    return page.go("/pseudonyms", project=project, done="deleted")


@router.get("/pseudonym")
def show_pseudonym(page: Keeper, project: str, id: Number) -> Response:  # noqa: A002 - the name in the address
    entry = _entry(page, project, id)
    return _form(page, entry, asdict(entry.patient), {})


@router.post("/pseudonym")
def change_pseudonym(page: Keeper, project: str, id: Number, sent: Sent) -> Response:  # noqa: A002 - as above
    entry, now = _entry(page, project, id), datetime.now(UTC)
    if sent.get("seen") != _digest(entry.patient):
        raise conflict()
    try:
        released = _stored(sent, lambda patient: editor_of(page).change(project, id, patient, now))
    except Faulty as faulty:
        return _form(page, entry, sent, faulty.faults, 422)
    return done(page, project, rows=0, released=released)


def shown(
    page: Page,
    project: str,
    status: int = 200,
    *,
    typed: Mapping[str, str] = NOTHING,
    after: int = 0,
    sent: Mapping[str, str] = NOTHING,
    faults: Mapping[str, str] = NOTHING,
) -> Response:
    """The page of a project, or the question which. ``typed`` is searched for, ``sent`` stands in the form."""
    current = page.gateway.configurations.current()
    settings = project_named(current, project) if project else None
    wanted = Patient(**{name: typed.get(name, "") for name in FIELDS})
    rows = editor_of(page).page(project, Part(_ON_A_PAGE, after, wanted), datetime.now(UTC)) if settings else []
    return page.render(
        "pseudonyms.html",
        status,
        projects=current.projects,
        project=settings,
        rows=rows,
        typed=typed,
        after=rows[-1].id if len(rows) == _ON_A_PAGE else None,
        is_first=not after,
        came=_came(page),
        sent=sent,
        faults=faults,
    )


def editor_of(page: Page) -> PseudonymEditor:
    """The table, for who reads the page."""
    gateway = page.gateway
    return PseudonymEditor(gateway.configurations.current(), gateway.pseudonyms, gateway.audit, page.caller.actor)


def done(page: Page, project: str, *, rows: int, released: int) -> Response:
    """Back to the table, after ``rows`` were added and ``released`` deliveries go on."""
    if released:
        page.gateway.bell.ring()
    counts = {"rows": str(rows), "released": str(released)}
    return page.go("/pseudonyms", project=project, done="added" if rows else "saved", **counts)


def _stored(sent: dict[str, str], store: Callable[[Patient], int]) -> int:
    patient = Patient(**{name: sent.get(name, "").strip() for name in FIELDS})
    if faults := faults_of(patient):
        raise Faulty(faults)
    try:
        return store(patient)
    except Collisions as error:
        (collision,) = error.collisions
        raise Faulty({"patient_id" if collision.same_patient else "pseudonym": collision.words}) from error


def _form(page: Page, entry: Entry, values: dict[str, str], faults: object, status: int = 200) -> Response:
    return page.render("pseudonym.html", status, entry=entry, values=values, faults=faults, seen=_digest(entry.patient))


def _entry(page: Page, project: str, number: int) -> Entry:
    found = editor_of(page).page(project, Part(1, max(0, number - 1)), datetime.now(UTC))
    if not found or found[0].id != number:
        raise Problem(404, "There is no such row", "it was deleted, or its time is over")
    return found[0]


def _digest(patient: Patient) -> str:
    """Differs when anything of the row does."""
    return hashlib.sha256("\0".join(astuple(patient)).encode()).hexdigest()


def _came(page: Page) -> dict[str, int]:
    """What the change that led here came to."""
    asked = page.request.query_params
    texts = {name: asked.get(name, "") for name in ("rows", "released")}
    return {name: int(text) for name, text in texts.items() if text.isdecimal() and len(text) < 10}
