"""Address books of the DICOM tools: nodes and DICOMweb endpoints, kept, imported and exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response
from pydantic import ValidationError

from philae.admin.address_book import KINDS, SERVICES, DicomNode, WebEndpoint
from philae.admin.address_book_csv import endpoints_from_csv, endpoints_to_csv, nodes_from_csv, nodes_to_csv
from philae.admin.audit import Event
from philae.admin.csv_rows import RowFaults
from philae.admin.declined import Declined
from philae.web.forms.faults import faults_of
from philae.web.pages.changing import Faulty, numbers_of, sent_form, ticked
from philae.web.pages.page import Page, readers_with
from philae.web.pages.tools_peers import DESTINATIONS, endpoints_of, nodes_of
from philae.web.pages.uploads import Upload, uploaded
from philae.web.problems import Problem

if TYPE_CHECKING:
    from philae.web.gateway import Gateway

router = APIRouter(include_in_schema=False, prefix="/tools/book")


class Book(Enum):
    """As addresses name it."""

    NODES = "nodes"
    ENDPOINTS = "endpoints"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What differs between the books."""

    entries: Callable[[Gateway], Any]
    """The `AddressBook`."""
    listed: Callable[[Gateway], Mapping[str, Any]]
    """With the destinations of the gateway."""
    model: type[DicomNode | WebEndpoint]
    read: Callable[[BytesIO, str], list[Any]]
    write: Callable[[Iterable[Any]], str]


SHELVES: Final = {
    Book.NODES: Shelf(lambda gateway: gateway.nodes, nodes_of, DicomNode, nodes_from_csv, nodes_to_csv),
    Book.ENDPOINTS: Shelf(
        lambda gateway: gateway.endpoints, endpoints_of, WebEndpoint, endpoints_from_csv, endpoints_to_csv
    ),
}
_TAKEN: Final[Mapping[str, str]] = MappingProxyType({"": "this address is in the group already"})
Configurer = Annotated[Page, Depends(readers_with("configure"))]
Number = Annotated[int, Path(ge=0, lt=1 << 63)]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/{book}")
def show_book(page: Configurer, book: Book) -> Response:
    return _shown(page, book)


@router.post("/{book}")
def add_entry(page: Configurer, book: Book, sent: Sent) -> Response:
    try:
        entry = _entry(book, sent)
    except Faulty as faulty:
        return _shown(page, book, sent=sent, faults=faulty.faults)
    if not SHELVES[book].entries(page.gateway).add([entry]):
        return _shown(page, book, sent=sent, faults=_TAKEN)
    return _done(page, book, "added", "1 entry", "created")


@router.post("/{book}/delete")
def delete_entries(
    page: Configurer, book: Book, sent: Sent, rows: Annotated[list[str], Depends(ticked("row"))]
) -> Response:
    """The one whose button was pressed, or else those that are ticked."""
    numbers = numbers_of([sent["only"]] if "only" in sent else rows)
    if not numbers:
        raise Problem(422, "No row is ticked", "tick those that you mean")
    deleted = SHELVES[book].entries(page.gateway).delete(numbers)
    return _done(page, book, "deleted", f"{deleted} entries", "deleted")


@router.post("/{book}/file")
def import_entries(page: Configurer, book: Book, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """All rows of a CSV file or none; in one group if it is named, in the place of what was there if one wants."""
    sent, shelf = upload.sent, SHELVES[book]
    group, replaces = sent.get("group", "").strip(), sent.get("replace") == "on"
    if replaces and not group and sent.get("everything") != "on":
        words = "without a group the whole book is replaced; tick that you mean it"
        return _shown(page, book, sent=sent, faults={"everything": words})
    try:
        entries = shelf.read(BytesIO(upload.content), group)
    except Declined as declined:
        return _shown(page, book, sent=sent, faults={"file": str(declined)})
    except RowFaults as faults:
        return _shown(page, book, sent=sent, row_faults=faults)
    kept = shelf.entries(page.gateway)
    added = kept.replace(entries, group or None) if replaces else kept.add(entries)
    words = f"{added} of {len(entries)} entries{', in the place of others' if replaces else ''}"
    return _done(page, book, "imported", words, "", rows=str(added), known=str(len(entries) - added))


@router.get("/{book}/export.csv")
def export_entries(page: Configurer, book: Book) -> Response:
    shelf = SHELVES[book]
    text = shelf.write(entry for _, entry in shelf.entries(page.gateway).all())
    headers = {"Content-Disposition": f'attachment; filename="{book.value}.csv"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{book}/{number}")
def show_entry(page: Configurer, book: Book, number: Number) -> Response:
    entry = dict(SHELVES[book].entries(page.gateway).all()).get(number)
    if entry is None:
        raise Problem(404, "There is no such entry")
    return _form(page, book, number, _values(entry), {})


@router.post("/{book}/{number}")
def change_entry(page: Configurer, book: Book, number: Number, sent: Sent) -> Response:
    try:
        is_changed = SHELVES[book].entries(page.gateway).change(number, _entry(book, sent))
    except Faulty as faulty:
        return _form(page, book, number, sent, faulty.faults)
    except LookupError:
        raise Problem(404, "There is no such entry") from None
    if not is_changed:
        return _form(page, book, number, sent, _TAKEN)
    return _done(page, book, "changed", f"entry {number}", "saved")


def _entry(book: Book, sent: Mapping[str, str]) -> DicomNode | WebEndpoint:
    """What was typed. Raises `Faulty`."""
    model = SHELVES[book].model
    typed: dict[str, Any] = {name: sent[name].strip() for name in model.model_fields if sent.get(name, "").strip()}
    if model is WebEndpoint:
        typed["services"] = tuple(each for each in SERVICES if sent.get(each) == "on")
    try:
        return model.model_validate(typed)
    except ValidationError as error:
        raise Faulty(faults_of(error)) from error


def _values(entry: DicomNode | WebEndpoint) -> dict[str, str]:
    values = {name: str(value) for name, value in entry.model_dump().items() if name != "services"}
    return values | dict.fromkeys(entry.services if isinstance(entry, WebEndpoint) else (), "on")


def _done(page: Page, book: Book, action: str, words: str, done: str, **counts: str) -> Response:
    event = Event(datetime.now(UTC), page.caller.actor, f"address-book.{action}", book.value, after=words)
    page.gateway.audit.record(event)
    return page.go(f"/tools/book/{book.value}", done=done, **counts)


def _shown(page: Page, book: Book, **values: object) -> Response:
    given = {"sent": dict.fromkeys(SERVICES, "on"), "faults": {}, "row_faults": None, **values}
    shelf = SHELVES[book]
    rows = shelf.entries(page.gateway).all()
    asked = page.request.query_params
    counts = {name: int(text) for name in ("rows", "known") if (text := asked.get(name, "")[:9]).isdecimal()}
    return page.render(
        "address_book.html",
        422 if given["faults"] or given["row_faults"] else 200,
        book=book.value,
        rows=rows,
        live=[(key, each) for key, each in shelf.listed(page.gateway).items() if key.startswith("destination-")],
        live_group=DESTINATIONS,
        groups=sorted({each.group for _, each in rows if each.group}),
        counts=counts,
        kinds=KINDS,
        services=SERVICES,
        **given,
    )


def _form(page: Page, book: Book, number: int, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return page.render(
        "address_book_entry.html",
        422 if faults else 200,
        book=book.value,
        number=number,
        sent=values,
        faults=faults,
        kinds=KINDS,
        services=SERVICES,
    )
