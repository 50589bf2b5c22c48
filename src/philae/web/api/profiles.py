"""Profiles: what is done to attributes and pixels, as YAML."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel

from philae.admin.profiles import (
    profile_named,
    uses_of_profile,
    version_of_profile,
    versions_of_profile,
    with_profile,
    without_profile,
)
from philae.deid.profile_file import load_profile
from philae.web.api.editing import Configurer, Current, Editing
from philae.web.auth import Reached

router = APIRouter(prefix="/api/v1/profiles", tags=["profiles"])

YAML: Final = "application/yaml"
_TEXT: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {YAML: {}}}}

Text = Annotated[str, Body(media_type=YAML, min_length=1, max_length=8 << 20, description="A profile (YAML)")]


class Profile(BaseModel):
    """A profile, and the projects that apply it."""

    name: str
    version: str
    """As the profile itself calls it; empty if this release cannot read it."""
    used_by: list[str]


class Version(BaseModel):
    """What a profile said, from a version of the configuration on."""

    configuration_version: int
    version: str
    text: str


@router.get("", summary="Profiles")
def read_profiles(current: Current, _caller: Configurer) -> list[Profile]:
    return [
        Profile(
            name=each.name,
            version=version_of_profile(each.text),
            used_by=list(uses_of_profile(current, each.name)),
        )
        for each in current.profiles
    ]


@router.post("", summary="Upload a profile")
def upload_profile(editing: Editing, text: Text) -> Profile:
    """It takes the place of the one of its name if there is one; answers 422 with every fault."""
    name = load_profile(text).name
    after = editing.adopt("profile.saved", name, lambda current: with_profile(current, text))
    return Profile(name=name, version=version_of_profile(text), used_by=list(uses_of_profile(after, name)))


@router.get("/{profile}", summary="Download a profile", response_class=Response, responses=_TEXT)
def read_profile(current: Current, _caller: Configurer, profile: str) -> Response:
    """As it was uploaded."""
    return Response(profile_named(current, profile).text, media_type=YAML)


@router.get("/{profile}/versions", summary="What a profile said before")
def read_versions(gateway: Reached, current: Current, _caller: Configurer, profile: str) -> list[Version]:
    """Newest first."""
    profile_named(current, profile)
    return [
        Version(configuration_version=each.configuration_version, version=each.version, text=each.text)
        for each in versions_of_profile(gateway.configurations, profile)
    ]


@router.delete("/{profile}", summary="Delete a profile that no project applies", status_code=204)
def remove_profile(editing: Editing, profile: str) -> None:
    """Answers 409, with the projects, while it is used."""
    editing.adopt("profile.deleted", profile, lambda current: without_profile(current, profile))
