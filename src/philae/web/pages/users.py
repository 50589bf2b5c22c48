"""Who may sign in, and as what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.declined import Declined
from philae.admin.user_keeping import UserKeeper
from philae.admin.users import Role, typed_twice, user_named
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Keeper = Annotated[Page, Depends(readers_with("users"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/users")
def show_users(page: Keeper) -> Response:
    return _shown(page)


@router.post("/users")
def create_user(page: Keeper, sent: Sent) -> Response:
    try:
        password = typed_twice(sent.get("password", ""), sent.get("again", ""))
        _keeper(page).create(sent.get("name", ""), password, _roles(sent), datetime.now(UTC))
    except Declined as declined:
        return _shown(page, sent, str(declined), 422)
    return page.go("/users", done="created")


@router.get("/user")
def show_user(page: Keeper, name: str) -> Response:
    return _details(page, name)


@router.post("/user/roles")
def set_roles(page: Keeper, name: str, sent: Sent) -> Response:
    try:
        _keeper(page).set_roles(name, _roles(sent), datetime.now(UTC))
    except Declined as declined:
        return _details(page, name, str(declined), 422)
    return page.go("/user", name=name, done="saved")


@router.post("/user/password")
def set_password(page: Keeper, name: str, sent: Sent) -> Response:
    """For somebody who forgot it; his sessions end and he is unlocked."""
    try:
        password = typed_twice(sent.get("password", ""), sent.get("again", ""))
        _keeper(page).set_password(name, password, datetime.now(UTC))
    except Declined as declined:
        return _details(page, name, str(declined), 422)
    return page.go("/user", name=name, done="saved")


@router.post("/user/sessions/end")
def end_sessions(page: Keeper, name: str) -> Response:
    _keeper(page).end_sessions(name, datetime.now(UTC))
    return page.go("/user", name=name, done="ended")


@router.post("/user/delete")
def delete_user(page: Keeper, name: str) -> Response:
    try:
        _keeper(page).delete(name, datetime.now(UTC))
    except Declined as declined:
        return _details(page, name, str(declined), 409)
    return page.go("/users", done="deleted")


def _shown(page: Page, sent: dict[str, str] | None = None, fault: str = "", status: int = 200) -> Response:
    users = page.gateway.users.all()
    return page.render("users.html", status, users=users, roles=tuple(Role), sent=sent or {}, fault=fault)


def _details(page: Page, name: str, fault: str = "", status: int = 200) -> Response:
    user, sessions = user_named(page.gateway.users, name), page.gateway.sessions.of(name)
    return page.render("user.html", status, user=user, sessions=sessions, roles=tuple(Role), fault=fault)


def _roles(sent: dict[str, str]) -> set[Role]:
    return {role for role in Role if sent.get(f"role-{role.value}") == "on"}


def _keeper(page: Page) -> UserKeeper:
    gateway = page.gateway
    return UserKeeper(gateway.users, gateway.sessions, gateway.passwords, gateway.audit, page.caller.actor)
