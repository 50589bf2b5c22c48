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
_JOURNEY: Final = "philae_journey"
_ID_TOKEN: Final = "philae_id_token"  # noqa: S105 - what the cookie is called
_JOURNEY_S: Final = 600
_SIGN_OUT: Final = "/sign-out"
_LARGEST: Final = 3500
"""Browsers keep no more than 4 KiB in a cookie."""
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


def journey_text(request: Request) -> str:
    """What the browser keeps while somebody signs in at the provider; empty without it."""
    return request.cookies.get(_journey_name(request), "")


def keep_journey(request: Request, response: Response, text: str) -> None:
    """Lax, so that it is there when the provider sends the browser back."""
    secure, name = is_secure(request), _journey_name(request)
    response.set_cookie(name, text, max_age=_JOURNEY_S, secure=secure, httponly=True, samesite="lax")


def forget_journey(request: Request, response: Response) -> None:
    """It is over."""
    response.delete_cookie(_journey_name(request), secure=is_secure(request), httponly=True, samesite="lax")


def _journey_name(request: Request) -> str:
    """No neighbour of ours in the domain can put one of his own there."""
    return f"__Host-{_JOURNEY}" if is_secure(request) else _JOURNEY


def id_token_of(request: Request) -> str:
    """What the provider wants to see when somebody signs out; empty if he never was there."""
    return request.cookies.get(_ID_TOKEN, "")


def keep_id_token(request: Request, response: Response, text: str) -> None:
    """Where only signing out gets to see it; one that no cookie can hold is not kept."""
    if len(text) <= _LARGEST:
        kept = int(LIFETIME.total_seconds())
        secure = is_secure(request)
        response.set_cookie(_ID_TOKEN, text, max_age=kept, path=_SIGN_OUT, secure=secure, httponly=True, samesite="lax")


def forget_id_token(request: Request, response: Response) -> None:
    """It is of no use any more."""
    response.delete_cookie(_ID_TOKEN, path=_SIGN_OUT, secure=is_secure(request), httponly=True, samesite="lax")


def root_of(request: Request) -> str:
    """The address of this gateway as the browser knows it, without a slash at the end."""
    return f"{'https' if is_secure(request) else 'http'}://{request.headers.get('host', request.url.netloc)}"


def is_secure(request: Request) -> bool:
    """Whether the browser talks TLS, to us or to the proxy before us.

    Who lies about it gets a cookie that his own browser will not send, nothing else.
    """
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto", "") == "https"
