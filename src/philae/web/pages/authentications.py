"""Authentications at web services: made and deleted, never changed, their secrets never shown."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import ValidationError

from philae.admin.authentications import uses_of_authentication, with_authentication, without_authentication
from philae.config.configuration import Configuration
from philae.config.web_services import Authentication
from philae.web.forms.faults import faults_of
from philae.web.forms.fields import Field, fields_of
from philae.web.forms.values import tree_from, values_from
from philae.web.pages.changing import Faulty, adopt, sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/authentications")
def show_authentications(page: Configurer) -> Response:
    current = page.gateway.configurations.current()
    rows = [(each, uses_of_authentication(current, each.name)) for each in current.web_services.authentications]
    return page.render("authentications.html", rows=rows)


@router.get("/authentication/new")
def show_new_authentication(page: Configurer) -> Response:
    return _form(page, values_from(_shape(), {}), {})


@router.post("/authentication/new")
def create_authentication(page: Configurer, sent: Sent) -> Response:
    try:
        made = _authentication(sent)
        adopt(page, sent, ("authentication.created", made.name), lambda current: with_authentication(current, made))
    except Faulty as faulty:
        return _form(page, {**sent, "client_secret": ""}, faulty.faults, 422)
    return page.go("/authentications", done="created")


@router.get("/authentication/delete")
def show_delete(page: Configurer, name: str) -> Response:
    current = page.gateway.configurations.current()
    if current.web_services.authentication(name) is None:
        raise Problem(404, "There is no such authentication")
    uses = uses_of_authentication(current, name)
    return page.render("authentication_delete.html", name=name, uses=uses, version=current.version)


@router.post("/authentication/delete")
def delete_authentication(page: Configurer, name: str, sent: Sent) -> Response:
    def make(current: Configuration) -> Configuration:
        return without_authentication(current, name)[0]

    try:
        adopt(page, sent, ("authentication.deleted", name), make)
    except Faulty as faulty:
        raise Problem(409, "The authentication was not deleted", str(faulty)) from faulty
    return page.go("/authentications", done="deleted")


def _authentication(sent: dict[str, str]) -> Authentication:
    try:
        return Authentication.model_validate(tree_from(_shape(), sent))
    except ValidationError as error:
        raise Faulty(faults_of(error)) from error


def _form(page: Page, values: dict[str, str], faults: object, status: int = 200) -> Response:
    version = values.get("version") or page.gateway.configurations.current().version
    return page.render(
        "authentication_form.html", status, shape=_shape(), values=values, faults=faults, version=version
    )


@cache
def _shape() -> tuple[Field, ...]:
    return fields_of(Authentication, {}, without=frozenset())
