"""Signing in and out, and setting up the first administrator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from philae.admin.audit import Event
from philae.admin.declined import Declined
from philae.admin.tokens import digest_of
from philae.admin.users import Role, User, create, name_of, sign_in, typed_twice
from philae.admin.users_sessions import start
from philae.web.cookies import forget_id_token, forget_session, id_token_of, keep_session, root_of
from philae.web.pages.page import Page, anyone, local, somebody
from philae.web.pages.words import N_

router = APIRouter(include_in_schema=False)

ForAnyone = Annotated[Page, Depends(anyone)]
Field = Annotated[str, Form(max_length=1000)]
_REFUSED: Final = N_(
    "The name or the password is wrong, or the account is locked for a few minutes after too many attempts."
)


@router.get("/sign-in")
def show_sign_in(page: ForAnyone, to: str = "/") -> Response:
    return sign_in_page(page, to)


@router.post("/sign-in")
def take_sign_in(page: ForAnyone, name: Field = "", password: Field = "", to: Field = "/") -> Response:
    now = datetime.now(UTC)
    user = sign_in(page.gateway.users, page.gateway.passwords, name, password, now)
    if user is None:
        note(page, f"user {name_of(name)[:64]}", "sign-in.refused")
        return sign_in_page(page, to, _REFUSED, 403, name=name)
    return let_in(page, user, local(to))


@router.post("/sign-out")
def sign_out(page: Annotated[Page, Depends(somebody)]) -> Response:
    if page.caller.session is not None:
        page.gateway.sessions.close(page.caller.session.digest)
        note(page, page.caller.actor, "sign-out")
    answer: Response = page.go("/sign-in", done="signed-out")
    id_token = id_token_of(page.request)
    if id_token and page.gateway.provider is not None:
        elsewhere = page.gateway.provider.leaving(id_token, f"{root_of(page.request)}/sign-in")
        answer = page.go(elsewhere) if elsewhere else answer
        forget_id_token(page.request, answer)
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
    note(page, f"user {user.name}", "user.set-up")
    return let_in(page, user, "/?done=welcome")


def sign_in_page(page: Page, to: str = "/", fault: str = "", status: int = 200, *, name: str = "") -> Response:
    """Where people sign in; ``fault`` says why somebody was not let in."""
    elsewhere = page.gateway.provider is not None
    return page.render("sign_in.html", status, to=local(to), name=name, fault=fault, elsewhere=elsewhere)


def let_in(page: Page, user: User, to: str) -> Response:
    """Begin a session."""
    client = page.request.headers.get("user-agent", "")
    text = start(page.gateway.sessions, user, client, datetime.now(UTC))
    note(page, f"user {user.name}", "sign-in")
    answer = page.go(to)
    keep_session(page.request, answer, text)
    return answer


def note(page: Page, actor: str, action: str) -> None:
    """In the audit trail, with where the browser is."""
    client = page.request.client
    page.gateway.audit.record(Event(datetime.now(UTC), actor, action, f"from {client.host if client else 'nowhere'}"))
