"""What people do about themselves: password, sessions, language and theme."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from philae.admin.audit import Event
from philae.admin.declined import Declined
from philae.admin.users import User, sign_in, typed_twice, with_new_password
from philae.admin.users_sessions import close_all, close_one
from philae.web.cookies import LANGUAGE, THEME, keep_choice
from philae.web.language import NAMES
from philae.web.pages.page import THEMES, Page, anyone, local, somebody
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Mine = Annotated[Page, Depends(somebody)]
Field = Annotated[str, Form(max_length=1000)]


@router.get("/account")
def show_account(page: Mine) -> Response:
    return _shown(page)


@router.post("/account/password")
def change_password(page: Mine, current: Field = "", password: Field = "", again: Field = "") -> Response:
    """The other sessions end: whoever had the old password is out."""
    user, gateway = _user(page), page.gateway
    known = sign_in(gateway.users, gateway.passwords, user.name, current, datetime.now(UTC))
    if known is None:
        return _shown(page, "the current password is wrong, or the account is locked for a few minutes", 422)
    try:
        gateway.users.change(with_new_password(known, gateway.passwords, typed_twice(password, again)))
    except Declined as declined:
        return _shown(page, str(declined), 422)
    close_all(gateway.sessions, user.name, but=page.caller.session)
    gateway.audit.record(Event(datetime.now(UTC), page.caller.actor, "user.password", user.name))
    return page.go("/account", done="password")


@router.post("/account/sessions/end")
def end_session(page: Mine, handle: Field = "") -> Response:
    """One session by its handle, or all others without."""
    user = _user(page)
    if handle:
        close_one(page.gateway.sessions, user.name, handle)
    else:
        close_all(page.gateway.sessions, user.name, but=page.caller.session)
    return page.go("/account", done="ended")


@router.post("/preferences")
def keep_preferences(
    page: Annotated[Page, Depends(anyone)], language: Field = "", theme: Field = "", to: Field = "/"
) -> Response:
    """For this browser, signed in or not."""
    answer = page.go(local(to))
    if language in NAMES:
        keep_choice(page.request, answer, LANGUAGE, language)
    if theme in THEMES:
        keep_choice(page.request, answer, THEME, theme)
    return answer


def _user(page: Page) -> User:
    if page.caller.user is None:
        raise Problem(403, "A token has no account", "sign in with a browser")
    return page.caller.user


def _shown(page: Page, fault: str = "", status: int = 200) -> Response:
    sessions = page.gateway.sessions.of(_user(page).name)
    return page.render("account.html", status, user=_user(page), sessions=sessions, fault=fault)
