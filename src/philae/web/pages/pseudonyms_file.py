"""Pseudonyms from a CSV file: how it is read is shown before all of it is stored, or nothing."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.csv_rows import RowFaults
from philae.admin.declined import Declined
from philae.admin.projects import project_named
from philae.admin.pseudonym_csv import FIELDS, REQUIRED, Layout, import_csv
from philae.admin.pseudonym_preview import ENCODINGS, Preview, guess, preview
from philae.web.pages.page import Page, readers_with
from philae.web.pages.pseudonyms import done, editor_of, shown
from philae.web.pages.uploads import Upload, uploaded

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(include_in_schema=False)

Keeper = Annotated[Page, Depends(readers_with("pseudonyms"))]
Sent = Annotated[Upload, Depends(uploaded)]
_TAB: Final = "tab"


@router.post("/pseudonyms/file")
def look_at_file(page: Keeper, project: str, upload: Sent) -> Response:
    """The file as it is read; with ``act=import`` it is imported, unless a row has a fault."""
    project_named(page.gateway.configurations.current(), project)
    if not upload.content:
        return shown(page, project, 422, faults={"file": "choose a CSV file that is not empty"})
    if upload.is_new:
        return _guessed(page, project, upload)
    layout, fault = _layout(upload.sent)
    if fault or upload.sent.get("act") != "import":
        return _shown(page, project, upload, layout, fault=fault)
    return _imported(page, project, upload, layout)


def _guessed(page: Page, project: str, upload: Upload) -> Response:
    try:
        layout = guess(upload.content)
    except Declined as declined:
        return shown(page, project, 422, faults={"file": str(declined)})
    return _shown(page, project, upload, layout)


def _imported(page: Page, project: str, upload: Upload, layout: Layout) -> Response:
    missing = [name.replace("_", " ") for name in REQUIRED if name not in layout.columns]
    if missing:
        return _shown(page, project, upload, layout, fault=f"choose the column of the {' and of the '.join(missing)}")
    try:
        imported = import_csv(BytesIO(upload.content), layout, editor_of(page), project, datetime.now(UTC))
    except RowFaults as faults:
        return _shown(page, project, upload, layout, faults=faults)
    except Declined as declined:
        return _shown(page, project, upload, layout, fault=str(declined))
    return done(page, project, rows=imported.rows, released=imported.released)


def _shown(
    page: Page, project: str, upload: Upload, layout: Layout, *, fault: str = "", faults: RowFaults | None = None
) -> Response:
    found = Preview(())
    try:
        found = preview(upload.content, layout)
    except Declined as declined:
        fault = fault or str(declined)
    by_line = {each.line: each.message for each in faults.faults} if faults is not None else {}
    return page.render(
        "pseudonyms_file.html",
        422 if fault or faults is not None else 200,
        project=project,
        content=b64encode(upload.content).decode(),
        layout=layout,
        separator=_TAB if layout.separator == "\t" else layout.separator,
        chosen={column: name for name, column in layout.columns.items()},
        preview=found,
        fields=FIELDS,
        encodings=ENCODINGS,
        fault=fault,
        faults=faults,
        by_line=by_line,
    )


def _layout(sent: Mapping[str, str]) -> tuple[Layout, str]:
    """As chosen in the form, and what is wrong with it."""
    separator, encoding = sent.get("separator", ""), sent.get("encoding", "")
    columns: dict[str, int | str] = {}
    fault = ""
    for control, name in sent.items():
        number = control.removeprefix("column-")
        if name not in FIELDS or number == control or not number.isdecimal():
            continue
        if name in columns:
            fault = f"two columns are the {name.replace('_', ' ')}; choose one"
        columns[name] = int(number)
    line = sent.get("from_line", "")
    is_line = line.isdecimal() and 0 < len(line) < 9 and int(line) > 0
    layout = Layout(
        "\t" if separator == _TAB else separator,
        encoding if encoding in ENCODINGS else ENCODINGS[0],
        columns,
        int(line) if is_line else 1,
    )
    return layout, fault or ("" if is_line else "the first line is a number from 1")
