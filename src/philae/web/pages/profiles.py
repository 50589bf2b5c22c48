"""Profiles: what is done to attributes and pixels, as YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.declined import Declined
from philae.admin.profiles import (
    profile_named,
    uses_of_profile,
    versions_of_profile,
    with_profile,
    with_profile_described,
    without_profile,
)
from philae.config.built_in import BUILT_IN
from philae.config.configuration import Configuration
from philae.config.project import StoredProfile
from philae.deid.errors import Fault, ProfileFaults
from philae.deid.profile import Profile
from philae.deid.profile_file import load_profile
from philae.web.forms.profile_faults import parts_of
from philae.web.pages.audit import difference
from philae.web.pages.changing import Faulty, adopt, sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem
from philae.web.upload import Upload, sent_upload

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
SentFile = Annotated[Upload, Depends(sent_upload)]
_SHOWN_VERSIONS: Final = 20
_HEADING_CONTROLS: Final = {
    "name": "name",
    "version": "profile_version",
    "minimumKarnakVersion": "minimumKarnakVersion",
}
"""Keys of a profile by the controls that change them; ``version`` is the configuration's in every form."""
_NO_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_EXAMPLE: Final = """\
name: My profile
version: "1.0"
profileElements:
  - name: Basic DICOM confidentiality profile
    codename: basic.dicom.profile
"""


@router.get("/profiles")
def show_profiles(page: Configurer) -> Response:
    current = page.gateway.configurations.current()
    profiles = [BUILT_IN, *current.profiles] if is_built_in(current, BUILT_IN.name) else current.profiles
    rows = [(each, _read(each), uses_of_profile(current, each.name)) for each in profiles]
    return page.render("profiles.html", rows=rows, built_in=BUILT_IN, version=current.version)


@router.get("/profile/new")
def show_new_profile(page: Configurer) -> Response:
    return text_form(page, _EXAMPLE, ())


@router.post("/profile/new")
def show_old_profile(page: Configurer, sent: Sent) -> Response:
    """A text to begin with, such as that of an older version."""
    return text_form(page, sent.get("text", ""), ())


@router.get("/profile")
def show_profile(page: Configurer, name: str) -> Response:
    return _shown(page, _stored(page, name))


@router.get("/profile/edit")
def show_profile_text(page: Configurer, name: str) -> Response:
    return text_form(page, _stored(page, name).text, ())


@router.post("/profile/save")
def save_profile(page: Configurer, sent: SentFile) -> Response:
    """New, or in the place of the one of its name: the file that was sent, or else the text."""
    try:
        text = sent.content.decode("utf-8-sig") or sent.values.get("text", "")
    except UnicodeDecodeError as error:
        fault = Fault("document", 0, f"no UTF-8 text at byte {error.start}", "save the profile as UTF-8 text (YAML)")
        return text_form(page, sent.values.get("text", ""), (fault,), 422)
    text = text.replace("\r\n", "\n")
    try:
        name = load_profile(text).name
        adopt(page, sent.values, ("profile.saved", name), lambda current: with_profile(current, text))
    except ProfileFaults as error:
        return text_form(page, text, error.faults, 422)
    except Faulty as faulty:
        return text_form(page, text, (Fault("profile", 0, str(faulty), ""),), 409)
    return page.go("/profile", name=name, done="saved")


@router.post("/profile/describe")
def describe_profile(page: Configurer, name: str, sent: Sent) -> Response:
    """Its name, version and minimum version; projects follow its name."""
    stored = _stored(page, name)
    heading = {key: sent.get(control, "").strip() for key, control in _HEADING_CONTROLS.items()}
    try:
        adopt(page, sent, ("profile.described", name), lambda now: with_profile_described(now, name, heading))
    except ProfileFaults as error:
        return _shown(page, stored, "; ".join(f"{each.message}: {each.remedy}" for each in error.faults), 422)
    except Faulty as faulty:
        return _shown(page, stored, str(faulty), 409)
    return page.go("/profile", name=heading["name"], done="saved")


@router.get("/profile/history")
def show_profile_history(page: Configurer, name: str) -> Response:
    """What it said before, newest first, each with what was different from the one before it."""
    found = list(islice(versions_of_profile(page.gateway.configurations, name), _SHOWN_VERSIONS))
    before = [*(each.text for each in found[1:]), ""]
    rows = [(each, difference(text, each.text)) for each, text in zip(found, before, strict=True)]
    return page.render("profile_history.html", name=_stored(page, name).name, rows=rows, most=_SHOWN_VERSIONS)


@router.get("/profile/download")
def download_profile(page: Configurer, name: str) -> Response:
    file_name = _NO_FILE_NAME.sub("-", name).strip("-") or "profile"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}.yml"'}
    return Response(_stored(page, name).text, media_type="application/yaml", headers=headers)


@router.post("/profile/delete")
def delete_profile(page: Configurer, name: str, sent: Sent) -> Response:
    stored = _stored(page, name)
    try:
        adopt(page, sent, ("profile.deleted", name), lambda current: without_profile(current, name))
    except Faulty as faulty:
        return _shown(page, stored, str(faulty), 409)
    return page.go("/profiles", done="deleted")


def is_built_in(current: Configuration, name: str) -> bool:
    """Whether nobody here wrote it."""
    return name == BUILT_IN.name and BUILT_IN.name not in {each.name for each in current.profiles}


def _shown(page: Page, stored: StoredProfile, fault: str = "", status: int = 200) -> Response:
    current = page.gateway.configurations.current()
    return page.render(
        "profile.html",
        status,
        stored=stored,
        profile=_read(stored),
        uses=uses_of_profile(current, stored.name),
        is_built_in=is_built_in(current, stored.name),
        version=current.version,
        fault=fault,
    )


def text_form(page: Page, text: str, faults: Sequence[Fault], status: int = 200) -> Response:
    version = page.gateway.configurations.current().version
    parts, general = parts_of(text, faults) if faults else ((), ())
    values = {"faults": general, "parts": parts, "is_faulty": bool(faults)}
    return page.render("profile_form.html", status, text=text, version=version, **values)


def _stored(page: Page, name: str) -> StoredProfile:
    try:
        return profile_named(page.gateway.configurations.current(), name)
    except Declined as declined:
        raise Problem(404, "There is no such profile", str(declined)) from declined


def _read(stored: StoredProfile) -> Profile | None:
    """None for one that this release cannot read."""
    try:
        return load_profile(stored.text)
    except ProfileFaults:
        return None
