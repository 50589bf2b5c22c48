"""Projects: a profile, and the secret that keys its pseudonyms."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.declined import Declined
from philae.admin.editing import Tree, named, tree_of
from philae.admin.project_secrets import (
    CONSEQUENCE,
    fingerprint,
    with_imported_secret,
    with_new_secret,
    with_past_secret,
)
from philae.admin.projects import project_named, uses_of_project, without_project
from philae.config.built_in import BUILT_IN
from philae.config.configuration import Configuration
from philae.config.project import ProjectSettings
from philae.deid.keys import parse_secret
from philae.web.forms.fields import Field, fields_of
from philae.web.forms.values import tree_from, values_from
from philae.web.pages.changing import Faulty, adopt, change, sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
_NOT_HERE: Final = frozenset({"secret"})


@router.get("/projects")
def show_projects(page: Configurer) -> Response:
    current = page.gateway.configurations.current()
    return page.render("projects.html", rows=[(each, uses_of_project(current, each.name)) for each in current.projects])


@router.get("/project/new")
def show_new_project(page: Configurer) -> Response:
    return _form(page, values_from(_shape(), {}), {}, "")


@router.post("/project/new")
def create_project(page: Configurer, sent: Sent) -> Response:
    def add(tree: Tree) -> None:
        tree["projects"] = [*tree.get("projects", []), tree_from(_shape(), sent)]

    try:
        change(page, sent, ("project.created", sent.get("name", "")), add, lambda tree: tree.get("projects"))
    except Faulty as faulty:
        return _form(page, sent, faulty.faults, "", 422)
    return page.go("/project", name=sent["name"].strip(), done="created")


@router.get("/project")
def show_project(page: Configurer, name: str) -> Response:
    return _shown(page, name, {})


@router.get("/project/edit")
def show_project_form(page: Configurer, name: str) -> Response:
    _project(page, name)
    tree = named(tree_of(page.gateway.configurations.current())["projects"], "name", name) or {}
    return _form(page, values_from(_shape(), tree), {}, name)


@router.post("/project/edit")
def change_project(page: Configurer, name: str, sent: Sent) -> Response:
    def put(tree: Tree) -> None:
        projects = tree["projects"]
        projects[projects.index(_in(tree, name))] = tree_from(_shape(), {**sent, "name": name})

    try:
        change(page, sent, ("project.changed", name), put, lambda tree: _in(tree, name))
    except Faulty as faulty:
        return _form(page, sent, faulty.faults, name, 422)
    return page.go("/project", name=name, done="saved")


@router.post("/project/secret")
def change_secret(page: Configurer, name: str, sent: Sent) -> Response:
    """Generated, imported or taken up again; the new one is never shown."""

    def make(current: Configuration) -> Configuration:
        if past := sent.get("past"):
            return with_past_secret(current, name, past, page.gateway.secret_history)
        if text := sent.get("secret", "").strip():
            return with_imported_secret(current, name, text)
        return with_new_secret(current, name)[0]

    try:
        adopt(page, sent, ("project.secret", name), make)
    except Faulty as faulty:
        return _shown(page, name, {"secret": str(faulty)}, 422)
    return page.go("/project", name=name, done="saved")


@router.post("/project/delete")
def delete_project(page: Configurer, name: str, sent: Sent) -> Response:
    try:
        adopt(page, sent, ("project.deleted", name), lambda current: without_project(current, name))
    except Faulty as faulty:
        return _shown(page, name, faulty.faults, 409)
    return page.go("/projects", done="deleted")


def _shown(page: Page, name: str, faults: object, status: int = 200) -> Response:
    current, project = page.gateway.configurations.current(), _project(page, name)
    return page.render(
        "project.html",
        status,
        project=project,
        uses=uses_of_project(current, name),
        history=page.gateway.secret_history.of(name),
        in_use=fingerprint(parse_secret(project.secret)) if project.secret else "",
        shape=_shape(),
        values=values_from(_shape(), named(tree_of(current)["projects"], "name", name) or {}),
        consequence=CONSEQUENCE,
        version=current.version,
        faults=faults,
    )


def _form(page: Page, values: dict[str, str], faults: object, name: str, status: int = 200) -> Response:
    current = page.gateway.configurations.current()
    profiles = (*(each.name for each in current.profiles if each.name != BUILT_IN.name), BUILT_IN.name)
    shape = [
        replace(field, widget="choice", choices=profiles) if field.name == "profile" else field
        for field in _shape()
        if field.name != "name" or not name
    ]
    version = values.get("version") or current.version
    return page.render(
        "project_form.html", status, shape=shape, values=values, faults=faults, name=name, version=version
    )


@cache
def _shape() -> tuple[Field, ...]:
    return fields_of(ProjectSettings, {}, without=_NOT_HERE)


def _project(page: Page, name: str) -> ProjectSettings:
    try:
        return project_named(page.gateway.configurations.current(), name)
    except Declined as declined:
        raise Problem(404, "There is no such project", str(declined)) from declined


def _in(tree: Tree, name: str) -> Tree:
    return named(tree.get("projects", []), "name", name) or {}
