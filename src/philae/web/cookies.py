"""The cookies that a browser keeps for us: the session, the language, the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.admin.users_sessions import LIFETIME

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

SESSION: Final = "philae_session"
SECURE_SESSION: Final = f"__Host-{SESSION}"
"""Browsers take such a cookie only over TLS, for the whole of this host and for no other."""
LANGUAGE: Final = "philae_language"
THEME: Final = "philae_theme"
_YEAR_S: Final = 365 * 24 * 3600


def session_text(request: Request) -> str:
    """What the session is known by; empty without one."""
    return request.cookies.get(SECURE_SESSION if is_secure(request) else SESSION, "")


def keep_session(request: Request, response: Response, text: str) -> None:
    """Let the browser send ``text`` from now on; no script can read it."""
    secure = is_secure(request)
    response.set_cookie(
        SECURE_SESSION if secure else SESSION,
        text,
        max_age=int(LIFETIME.total_seconds()),
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def forget_session(request: Request, response: Response) -> None:
    """Let the browser forget it."""
    secure = is_secure(request)
    response.delete_cookie(SECURE_SESSION if secure else SESSION, secure=secure, httponly=True, samesite="lax")


def keep_choice(request: Request, response: Response, name: str, value: str) -> None:
    """Remember a choice, such as the language, for a year."""
    response.set_cookie(name, value, max_age=_YEAR_S, secure=is_secure(request), samesite="lax")


def is_secure(request: Request) -> bool:
    """Whether the browser talks TLS, to us or to the proxy before us.

    Who lies about it gets a cookie that his own browser will not send, nothing else.
    """
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto", "") == "https"
