"""Signing in and out, and setting up the first administrator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from philae.admin.audit import Event
from philae.admin.declined import Declined
from philae.admin.tokens import digest_of
from philae.admin.users import Role, User, create, name_of, sign_in, typed_twice
from philae.admin.users_sessions import start
from philae.web.cookies import forget_session, keep_session
from philae.web.pages.page import Page, anyone, local, somebody

router = APIRouter(include_in_schema=False)

ForAnyone = Annotated[Page, Depends(anyone)]
Field = Annotated[str, Form(max_length=1000)]


@router.get("/sign-in")
def show_sign_in(page: ForAnyone, to: str = "/") -> Response:
    return page.render("sign_in.html", to=local(to), name="", refused=False)


@router.post("/sign-in")
def take_sign_in(page: ForAnyone, name: Field = "", password: Field = "", to: Field = "/") -> Response:
    now = datetime.now(UTC)
    user = sign_in(page.gateway.users, page.gateway.passwords, name, password, now)
    if user is None:
        _record(page, f"user {name_of(name)[:64]}", "sign-in.refused")
        return page.render("sign_in.html", 403, to=local(to), name=name, refused=True)
    return _let_in(page, user, local(to))


@router.post("/sign-out")
def sign_out(page: Annotated[Page, Depends(somebody)]) -> Response:
    if page.caller.session is not None:
        page.gateway.sessions.close(page.caller.session.digest)
        _record(page, page.caller.actor, "sign-out")
    answer = page.go("/sign-in", done="signed-out")
    forget_session(page.request, answer)
    return answer


@router.get("/set-up/{text}")
def show_set_up(page: ForAnyone, text: str) -> Response:
    is_valid = page.gateway.setup_links.holds(digest_of(text), datetime.now(UTC))
    return page.render("set_up.html", 200 if is_valid else 404, is_valid=is_valid, name="", fault="")


@router.post("/set-up/{text}")
def take_set_up(page: ForAnyone, text: str, name: Field = "", password: Field = "", again: Field = "") -> Response:
    """The link is used up by success only; two at once cannot both succeed."""
    now, gateway = datetime.now(UTC), page.gateway
    if not gateway.setup_links.holds(digest_of(text), now):
        return page.render("set_up.html", 404, is_valid=False, name="", fault="")
    try:
        user = create(gateway.users, gateway.passwords, name, typed_twice(password, again), {Role.ADMIN}, now)
    except Declined as declined:
        return page.render("set_up.html", 422, is_valid=True, name=name, fault=str(declined))
    if not gateway.setup_links.take(digest_of(text), now):
        gateway.users.remove(user.name)
        return page.render("set_up.html", 404, is_valid=False, name="", fault="")
    _record(page, f"user {user.name}", "user.set-up")
    return _let_in(page, user, "/?done=welcome")


def _let_in(page: Page, user: User, to: str) -> Response:
    client = page.request.headers.get("user-agent", "")
    text = start(page.gateway.sessions, user, client, datetime.now(UTC))
    _record(page, f"user {user.name}", "sign-in")
    answer = page.go(to)
    keep_session(page.request, answer, text)
    return answer


def _record(page: Page, actor: str, action: str) -> None:
    client = page.request.client
    page.gateway.audit.record(Event(datetime.now(UTC), actor, action, f"from {client.host if client else 'nowhere'}"))
