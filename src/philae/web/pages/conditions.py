"""Conditions of destinations: checked while they are written, tried on a file that is looked at and forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.deid.errors import DeidError
from philae.deid.expressions import ExpressionError, compile_condition
from philae.deid.files.instance_file import DirectoryFile, instance_in
from philae.deid.instance_attributes import InstanceAttributes
from philae.dicom.headers import MalformedDataset
from philae.dicom.part10 import NotDicom
from philae.dicom.scan import inflate
from philae.web.pages.page import Page, readers_with
from philae.web.upload import Upload, sent_upload

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[Upload, Depends(sent_upload)]


@dataclass(frozen=True, slots=True)
class Said:
    """What there is to say of a condition: the fault in it, or whether a file meets it, or why nobody can tell."""

    fault: ExpressionError | None = None
    holds: bool | None = None
    unclear: str = ""


@router.get("/destination/condition")
def show_condition(page: Configurer, condition: str = "") -> Response:
    return _shown(page, condition, Said(_fault(condition)))


@router.post("/destination/condition")
def try_condition(page: Configurer, sent: Sent) -> Response:
    """On the file that was sent."""
    condition = sent.values.get("condition", "")
    fault = _fault(condition)
    return _shown(page, condition, Said(fault) if fault else _tried(condition, sent.content))


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
        encoded = inflate(instance_in(content)[1])
        holds = not condition.strip() or compile_condition(condition).holds(InstanceAttributes(encoded))
    except NotDicom as error:
        return Said(unclear=f"this is no DICOM file: {error}")
    except (DirectoryFile, DeidError, MalformedDataset) as error:
        return Said(unclear=str(error))
    return Said(holds=holds)


def _shown(page: Page, condition: str, said: Said) -> Response:
    lines = condition.splitlines() or [""]
    pointed = lines[min(said.fault.line, len(lines)) - 1] if said.fault else ""
    template = "condition_said.html" if "hx-request" in page.request.headers else "condition.html"
    return page.render(template, 200, condition=condition, said=said, pointed=pointed)
