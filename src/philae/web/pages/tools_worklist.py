"""DICOM tools: what a worklist has scheduled, for those who may see patients."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError, field_validator

from philae.admin.address_book import WORKLIST
from philae.admin.audit import Event
from philae.admin.doctor import examine
from philae.tools.worklist import Wanted, Worklist, lines
from philae.tools.worklist_check import WorklistCheck
from philae.web.forms.faults import faults_of
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.pages.tools import CALLING, typed_of
from philae.web.pages.tools_peers import Asked, asked, key_of, nodes_of, reaching
from philae.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


class Filters(BaseModel):
    """What entries must match."""

    station_ae_title: str = ""
    modality: str = ""
    patient_id: str = ""
    admission_id: str = ""
    since: date | None = None
    until: date | None = None
    patient_name: str = ""
    accession_number: str = ""

    @field_validator("*")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        """Several values, and control characters, mean something in DICOM (PS3.5 6.1)."""
        if isinstance(value, str) and ("\\" in value or not value.isprintable() or len(value) > 64):
            raise ValueError("64 characters at most, no backslash")
        return value

    @property
    def wanted(self) -> Wanted:
        """For the tool."""
        return Wanted(**self.model_dump())


@router.get("/tools/worklist")
def show_worklist(page: Configurer, peer: str = "", calling: str = CALLING) -> Response:
    return _shown(page, typed_of(page, peer, calling))


@router.post("/tools/worklist")
def ask_worklist(page: Configurer, sent: Sent) -> Response:
    return _shown(page, sent, **_answered(page, sent))


@router.post("/tools/worklist/text")
def download_worklist(page: Configurer, sent: Sent) -> Response:
    """The same, asked anew, with every attribute."""
    found = _answered(page, sent)
    worklist = found.get("worklist")
    if not isinstance(worklist, Worklist):
        return _shown(page, sent, **found)
    headers = {"Content-Disposition": 'attachment; filename="worklist.txt"'}
    return Response("".join(lines(worklist)), media_type="text/plain; charset=utf-8", headers=headers)


def _answered(page: Page, sent: Mapping[str, str]) -> dict[str, object]:
    """What the page is to show. Raises `Problem` 403."""
    whom, filters, faults = _asked(sent)
    if whom is None or filters is None:
        return {"faults": faults}
    if not page.may("identifiers"):
        raise Problem(403, "You may not see patients", "a worklist names them: it needs the scope 'identifiers'")
    check = WorklistCheck(whom.address, filters.wanted, reaching(whom.address))
    findings = list(examine(check))
    told = f"{len(check.worklist.entries)} entries" if check.worklist else "no answer"
    subject = f"{whom.called}@{whom.host}:{whom.port}"
    page.gateway.audit.record(Event(datetime.now(UTC), page.caller.actor, "worklist.queried", subject, after=told))
    return {"findings": findings, "worklist": check.worklist}


def _asked(sent: Mapping[str, str]) -> tuple[Asked | None, Filters | None, dict[str, str]]:
    whom, faults = asked(sent)
    try:
        typed = {name: text for name in Filters.model_fields if (text := sent.get(name, "").strip())}
        return whom, Filters.model_validate(typed), faults
    except ValidationError as error:
        return whom, None, faults | faults_of(error)


def _shown(page: Page, typed: Mapping[str, str], **values: object) -> Response:
    given = {"faults": {}, "findings": [], "worklist": None, **values}
    nodes = nodes_of(page.gateway)
    lists = {key: each for key, each in nodes.items() if each.kind == WORKLIST}
    return page.render(
        "tools_worklist.html",
        422 if given["faults"] else 200,
        typed=typed,
        peer=key_of(lists, typed),
        nodes=lists,
        **given,
    )
