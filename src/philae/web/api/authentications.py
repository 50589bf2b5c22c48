"""Authentications at web services: added, removed, never changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel

from philae.admin.authentications import uses_of_authentication, with_authentication, without_authentication
from philae.config.configuration import Configuration
from philae.config.web_services import Authentication
from philae.web.api.editing import Configurer, Current, Editing

router = APIRouter(prefix="/api/v1/authentications", tags=["authentications"])


class AuthenticationShown(BaseModel):
    """An authentication without its secret."""

    name: str
    token_url: str
    client_id: str
    scope: str
    used_by: list[str]
    """Destinations, targets and profiles that refer to it."""


class Removed(BaseModel):
    """What became of an authentication."""

    used_by: list[str]
    """Who referred to it until now, and has nothing to authenticate with any more."""


@router.get("", summary="Authentications")
def read_authentications(current: Current, _caller: Configurer) -> list[AuthenticationShown]:
    return [_shown(current, each) for each in current.web_services.authentications]


@router.post("", summary="Add an authentication", status_code=201)
def add_authentication(editing: Editing, given: Annotated[Authentication, Body()]) -> AuthenticationShown:
    """Its secret is never shown again. A name that is taken is answered with 409: nobody can change one."""
    after = editing.adopt("authentication.created", given.name, lambda current: with_authentication(current, given))
    return _shown(after, given)


@router.delete("/{authentication}", summary="Delete an authentication")
def remove_authentication(editing: Editing, authentication: str) -> Removed:
    """Whoever uses it is told, and refuses to work from then on."""
    uses: tuple[str, ...] = ()

    def remove(current: Configuration) -> Configuration:
        nonlocal uses
        wanted, uses = without_authentication(current, authentication)
        return wanted

    editing.adopt("authentication.deleted", authentication, remove)
    return Removed(used_by=list(uses))


def _shown(current: Configuration, each: Authentication) -> AuthenticationShown:
    return AuthenticationShown(
        name=each.name,
        token_url=each.token_url,
        client_id=each.client_id,
        scope=each.scope,
        used_by=list(uses_of_authentication(current, each.name)),
    )
