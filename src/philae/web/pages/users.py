"""Who may sign in, and as what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.audit import Event
from philae.admin.declined import Declined
from philae.admin.users import Role, change_roles, create, remove, typed_twice, user_named, with_new_password
from philae.admin.users_sessions import close_all
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
    gateway = page.gateway
    try:
        password = typed_twice(sent.get("password", ""), sent.get("again", ""))
        now = datetime.now(UTC)
        user = create(gateway.users, gateway.passwords, sent.get("name", ""), password, _roles(sent), now)
    except Declined as declined:
        return _shown(page, sent, str(declined), 422)
    _record(page, "user.created", user.name, " ".join(sorted(role.value for role in user.roles)))
    return page.go("/users", done="created")


@router.get("/user")
def show_user(page: Keeper, name: str) -> Response:
    return _details(page, name)


@router.post("/user/roles")
def set_roles(page: Keeper, name: str, sent: Sent) -> Response:
    try:
        user = change_roles(page.gateway.users, name, _roles(sent))
    except Declined as declined:
        return _details(page, name, str(declined), 422)
    _record(page, "user.roles", name, " ".join(sorted(role.value for role in user.roles)))
    return page.go("/user", name=name, done="saved")


@router.post("/user/password")
def set_password(page: Keeper, name: str, sent: Sent) -> Response:
    """For somebody who forgot it; his sessions end and he is unlocked."""
    gateway = page.gateway
    try:
        password = typed_twice(sent.get("password", ""), sent.get("again", ""))
        gateway.users.change(with_new_password(user_named(gateway.users, name), gateway.passwords, password))
    except Declined as declined:
        return _details(page, name, str(declined), 422)
    close_all(gateway.sessions, name)
    _record(page, "user.password", name)
    return page.go("/user", name=name, done="saved")


@router.post("/user/sessions/end")
def end_sessions(page: Keeper, name: str) -> Response:
    close_all(page.gateway.sessions, name)
    _record(page, "user.sessions-ended", name)
    return page.go("/user", name=name, done="ended")


@router.post("/user/delete")
def delete_user(page: Keeper, name: str) -> Response:
    try:
        remove(page.gateway.users, name)
    except Declined as declined:
        return _details(page, name, str(declined), 409)
    _record(page, "user.deleted", name)
    return page.go("/users", done="deleted")


def _shown(page: Page, sent: dict[str, str] | None = None, fault: str = "", status: int = 200) -> Response:
    users = page.gateway.users.all()
    return page.render("users.html", status, users=users, roles=tuple(Role), sent=sent or {}, fault=fault)


def _details(page: Page, name: str, fault: str = "", status: int = 200) -> Response:
    user, sessions = user_named(page.gateway.users, name), page.gateway.sessions.of(name)
    return page.render("user.html", status, user=user, sessions=sessions, roles=tuple(Role), fault=fault)


def _roles(sent: dict[str, str]) -> set[Role]:
    return {role for role in Role if sent.get(f"role-{role.value}") == "on"}


def _record(page: Page, action: str, subject: str, after: str = "") -> None:
    page.gateway.audit.record(Event(datetime.now(UTC), page.caller.actor, action, subject, after=after))
