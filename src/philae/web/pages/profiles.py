"""Profiles: what is done to attributes and pixels, as YAML."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.declined import Declined
from philae.admin.profiles import profile_named, uses_of_profile, with_profile, without_profile
from philae.config.model import StoredProfile
from philae.deid.errors import ProfileFaults
from philae.deid.profile import Profile
from philae.deid.profile_file import load_profile
from philae.web.pages.changing import Faulty, adopt, sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
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
    rows = [(each, _read(each), uses_of_profile(current, each.name)) for each in current.profiles]
    return page.render("profiles.html", rows=rows)


@router.get("/profile/new")
def show_new_profile(page: Configurer) -> Response:
    return _form(page, _EXAMPLE, ())


@router.get("/profile")
def show_profile(page: Configurer, name: str) -> Response:
    stored = _stored(page, name)
    current = page.gateway.configurations.current()
    uses = uses_of_profile(current, name)
    return page.render(
        "profile.html", stored=stored, profile=_read(stored), uses=uses, version=current.version, fault=""
    )


@router.get("/profile/edit")
def show_profile_text(page: Configurer, name: str) -> Response:
    return _form(page, _stored(page, name).text, ())


@router.post("/profile/save")
def save_profile(page: Configurer, sent: Sent) -> Response:
    """New, or in the place of the one of its name."""
    text = sent.get("text", "").replace("\r\n", "\n")
    try:
        name = load_profile(text).name
        adopt(page, sent, ("profile.saved", name), lambda current: with_profile(current, text))
    except ProfileFaults as error:
        return _form(page, text, error.faults, 422)
    except Faulty as faulty:
        raise Problem(409, "Not possible", str(faulty)) from faulty
    return page.go("/profile", name=name, done="saved")


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
        current = page.gateway.configurations.current()
        values = {"uses": uses_of_profile(current, name), "version": current.version, "fault": str(faulty)}
        return page.render("profile.html", 409, stored=stored, profile=_read(stored), **values)
    return page.go("/profiles", done="deleted")


def _form(page: Page, text: str, faults: object, status: int = 200) -> Response:
    version = page.gateway.configurations.current().version
    return page.render("profile_form.html", status, text=text, faults=faults, version=version)


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
