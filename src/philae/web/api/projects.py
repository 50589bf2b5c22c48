"""Projects: the profile that each applies, who uses it, and its secret."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field

from philae.admin.editing import Tree, tree_of
from philae.admin.items import PROJECTS
from philae.admin.project_secrets import (
    CONSEQUENCE,
    fingerprint,
    with_imported_secret,
    with_new_secret,
    with_past_secret,
)
from philae.admin.projects import project_named, uses_of_project, without_project
from philae.config.configuration import Configuration
from philae.config.project import ProjectSettings
from philae.deid.keys import parse_secret
from philae.web.api.editing import Configurer, Current, Editing
from philae.web.auth import Reached

router = APIRouter(prefix="/api/v1/projects", tags=["projects"])

SecretText = Annotated[
    str,
    Field(
        pattern=r"^([0-9A-Fa-f]-?){32}$",
        json_schema_extra={"format": "password", "writeOnly": True},
        description="32 hex digits, dashes allowed",
    ),
]


class ProjectShown(BaseModel):
    """A project as it is."""

    settings: Tree
    """As the configuration document has it, without its secret."""
    secret: str | None
    """The fingerprint of the secret in use."""
    used_by: list[str]
    """The destinations that apply it, as NODE/NAME."""


class Secret(BaseModel):
    """A secret that a project has, or has had; it is told by its fingerprint only."""

    fingerprint: str
    first_used_at: datetime
    in_use: bool


class InUse(BaseModel):
    """The secret that is in use now."""

    fingerprint: str
    consequence: str


class NewSecret(BaseModel):
    """Where the next secret comes from."""

    secret: SecretText | None = None
    """One from elsewhere; without it a new one is made, which is shown to nobody."""


@router.get("", summary="Projects")
def read_projects(current: Current, _caller: Configurer) -> list[ProjectShown]:
    return [_shown(current, each) for each in current.projects]


@router.post("", summary="Add a project", status_code=201)
def add_project(editing: Editing, gateway: Reached, given: ProjectSettings) -> ProjectShown:
    """Without ``secret`` it gets one of its own."""
    editing.add(PROJECTS, given.model_dump(mode="json", exclude_unset=True))
    return _now(gateway.configurations.current(), given.name)


@router.get("/{project}", summary="A project")
def read_project(current: Current, _caller: Configurer, project: str) -> ProjectShown:
    return _now(current, project)


@router.put("/{project}", summary="Replace a project's settings")
def put_project(editing: Editing, gateway: Reached, project: str, given: ProjectSettings) -> ProjectShown:
    """It keeps its name and, without ``secret``, its secret."""
    editing.put(PROJECTS, project, given.model_dump(mode="json", exclude_unset=True))
    return _now(gateway.configurations.current(), project)


@router.delete("/{project}", summary="Delete a project that no destination uses", status_code=204)
def remove_project(editing: Editing, project: str) -> None:
    """Answers 409, with the destinations, while it is used; the history of its secret stays."""
    editing.adopt("project.deleted", project, lambda current: without_project(current, project))


@router.get("/{project}/secrets", summary="The secrets that a project has had")
def read_secrets(gateway: Reached, current: Current, _caller: Configurer, project: str) -> list[Secret]:
    """Newest first."""
    in_use = _now(current, project).secret
    return [
        Secret(fingerprint=past.fingerprint, first_used_at=past.first_used_at, in_use=past.fingerprint == in_use)
        for past in gateway.secret_history.of(project)
    ]


@router.post("/{project}/secrets", summary="Give a project a new secret, or one from elsewhere")
def change_secret(editing: Editing, project: str, given: Annotated[NewSecret, Body()]) -> InUse:
    """Patients get other pseudonyms, UIDs and dates from then on."""

    def make(current: Configuration) -> Configuration:
        if given.secret is None:
            return with_new_secret(current, project)[0]
        return with_imported_secret(current, project, given.secret)

    return _in_use(editing.adopt("project.secret", project, make), project)


@router.post("/{project}/secrets/{mark}/activate", summary="Take up again a secret that a project has had before")
def activate_secret(editing: Editing, gateway: Reached, project: str, mark: str) -> InUse:
    """``mark`` is its fingerprint."""
    after = editing.adopt(
        "project.secret", project, lambda current: with_past_secret(current, project, mark, gateway.secret_history)
    )
    return _in_use(after, project)


def _now(current: Configuration, name: str) -> ProjectShown:
    return _shown(current, project_named(current, name))


def _shown(current: Configuration, project: ProjectSettings) -> ProjectShown:
    return ProjectShown(
        settings=PROJECTS.one(tree_of(current), project.name),
        secret=fingerprint(parse_secret(project.secret)) if project.secret is not None else None,
        used_by=[str(use) for use in uses_of_project(current, project.name)],
    )


def _in_use(after: Configuration, name: str) -> InUse:
    secret = project_named(after, name).secret or ""
    return InUse(fingerprint=fingerprint(parse_secret(secret)), consequence=CONSEQUENCE)
