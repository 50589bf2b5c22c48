"""One DICOM file before and after a profile; it is looked at in memory and forgotten."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.audit import Event
from philae.admin.before_after import Comparison, Looking, compiled_for
from philae.config.built_in import BUILT_IN
from philae.deid.errors import DeidError
from philae.deid.files.instance_file import DirectoryFile
from philae.deid.keys import parse_secret
from philae.deid.profile_file import load_profile
from philae.dicom.headers import MalformedDataset
from philae.dicom.part10 import NotDicom
from philae.pseudonyms.web_services import ask
from philae.web.pages.page import Page, readers_with
from philae.web.upload import Upload, sent_upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.deid.engine import CompiledProfile

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[Upload, Depends(sent_upload)]
MORPH: Final = "morph"
CHANGES: Final = ("removed", "emptied", "changed", "added", "kept")
_ONE_AT_A_TIME: Final = Lock()
"""Decoded pixels take memory that the gateway needs for others."""


class _CannotShow(Exception):
    """Why there is nothing to show; ``field`` names the control to correct."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@router.get("/profile/try")
def show_before_after(page: Configurer, profile: str = "", project: str = "") -> Response:
    return _shown(page, {"profile": profile, "project": project}, None, {})


@router.post("/profile/try")
def show_what_becomes(page: Configurer, sent: Sent) -> Response:
    """Of the file that was sent."""
    try:
        with _ONE_AT_A_TIME:
            comparison = _looking(page, sent.values).at(_content(sent))
    except _CannotShow as error:
        return _shown(page, sent.values, None, {error.field: str(error)}, 422)
    except NotDicom as error:
        return _shown(page, sent.values, None, {"file": f"this is no DICOM file: {error}"}, 422)
    except (DirectoryFile, DeidError, MalformedDataset) as error:
        return _shown(page, sent.values, None, {"file": str(error)}, 422)
    subject = sent.values.get("project") or sent.values.get("profile", "")
    page.gateway.audit.record(Event(datetime.now(UTC), page.caller.actor, "before_after.shown", subject))
    return _shown(page, sent.values, comparison, {})


def _looking(page: Page, values: Mapping[str, str]) -> Looking:
    frame = values.get("frame", "").strip() or "1"
    if not frame.isdecimal() or not 0 < len(frame) < 8 or int(frame) == 0:
        raise _CannotShow("frame", "write a number from 1")
    return Looking(
        compiled=_compiled(page, values),
        pseudonym=values.get("pseudonym", "").strip(),
        frame=int(frame),
        now=datetime.now(UTC),
        ask=partial(ask, page.gateway.configurations.current().web_services),
        morphs=values.get("way") == MORPH,
    )


def _compiled(page: Page, values: Mapping[str, str]) -> CompiledProfile:
    current = page.gateway.configurations.current()
    settings = current.project(values.get("project", ""))
    stored = current.profile(values.get("profile") or (settings.profile if settings else ""))
    if stored is None:
        raise _CannotShow("profile", "choose a profile, or a project that has one")
    project = settings.with_secret(parse_secret(settings.secret)) if settings and settings.secret else None
    try:
        return compiled_for(load_profile(stored.text), project)
    except DeidError as error:
        raise _CannotShow("profile", str(error)) from error


def _content(sent: Upload) -> bytes:
    if not sent.content:
        raise _CannotShow("file", "choose a DICOM file")
    return sent.content


def _shown(
    page: Page, values: Mapping[str, str], found: Comparison | None, faults: Mapping[str, str], status: int = 200
) -> Response:
    current = page.gateway.configurations.current()
    is_part = "hx-request" in page.request.headers
    return page.render(
        "before_after_result.html" if is_part else "before_after.html",
        200 if is_part else status,  # what a script asked for is shown whatever it says
        values=values,
        found=found,
        faults=faults,
        counts=Counter(row.change for row in found.rows) if found else {},
        changes=CHANGES,
        picture=b64encode(found.picture).decode() if found and found.picture else "",
        profiles=[*(each.name for each in current.profiles), BUILT_IN.name],
        projects=current.projects,
    )
