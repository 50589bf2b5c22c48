"""Conditions of destinations and albums: checked while they are written, tried on a file that is then forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from philae.admin.before_after import opened
from philae.deid.errors import DeidError
from philae.deid.expressions import ExpressionError, compile_condition
from philae.deid.files.instance_file import DirectoryFile
from philae.deid.instance_attributes import InstanceAttributes
from philae.dicom.headers import MalformedDataset
from philae.dicom.part10 import NotDicom
from philae.web.pages.page import Page, readers_with
from philae.web.upload import Upload, read_upload

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
_MOST_FILES: Final = 1000
"""A form has a control for a file at each of its conditions."""


async def sent_conditions(request: Request) -> Upload:
    """The form that the conditions stand in."""
    return await read_upload(request, most_files=_MOST_FILES)


Sent = Annotated[Upload, Depends(sent_conditions)]


@dataclass(frozen=True, slots=True)
class Said:
    """What there is to say of a condition: the fault in it, or whether a file meets it, or why nobody can tell."""

    fault: ExpressionError | None = None
    holds: bool | None = None
    unclear: str = ""


@router.get("/destination/condition")
def show_condition(page: Configurer) -> Response:
    condition = _written(page.request.query_params)
    return _shown(page, condition, Said(_fault(condition)))


@router.post("/destination/condition")
def try_condition(page: Configurer, sent: Sent) -> Response:
    """On the file that was chosen beside it; ``try`` says which one of the form is meant."""
    name = sent.values.get("try", "")
    condition = sent.values.get(name, "") if name else _written(sent.values)
    content = sent.files.get(f"{name}.file", b"") if name else sent.content
    fault = _fault(condition)
    return _shown(page, condition, Said(fault) if fault else _tried(condition, content), is_album="." in name)


def _written(values: Mapping[str, str]) -> str:
    """The condition, whatever it is for: ``condition`` or ``kheops_albums.0.condition``."""
    return next((text for name, text in values.items() if name.rpartition(".")[2] == "condition"), "")


def _fault(condition: str) -> ExpressionError | None:
    try:
        if condition.strip():
            compile_condition(condition)
    except ExpressionError as error:
        return error
    return None


def _tried(condition: str, content: bytes) -> Said:
    if not content:
        return Said(unclear="choose a DICOM file")
    try:
        encoded = opened(content)
        holds = not condition.strip() or compile_condition(condition).holds(InstanceAttributes(encoded))
    except NotDicom as error:
        return Said(unclear=f"this is no DICOM file: {error}")
    except (DirectoryFile, DeidError, MalformedDataset) as error:
        return Said(unclear=str(error))
    return Said(holds=holds)


def _shown(page: Page, condition: str, said: Said, *, is_album: bool = False) -> Response:
    lines = condition.splitlines() or [""]
    pointed = lines[min(said.fault.line, len(lines)) - 1] if said.fault else ""
    template = "condition_said.html" if "hx-request" in page.request.headers else "condition.html"
    return page.render(template, 200, condition=condition, said=said, pointed=pointed, is_album=is_album)
