"""Who calls, and whether they may: bearer tokens and sessions, and the scopes of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from philae.admin.tokens import SCOPES, check
from philae.admin.users import SCOPES_OF, Role, User
from philae.admin.users_sessions import Session, resume
from philae.web.cookies import session_text
from philae.web.gateway import Gateway
from philae.web.problems import Problem

UNATTENDED: Final = "/live/"
"""What pages below this ask for keeps no session alive: nobody need sit before them."""
_BEARER: Final = HTTPBearer(auto_error=False, description="An API token: `philae tokens create NAME --scope SCOPE`")
_ROLES: Final = {Role.ADMIN: "administrator", Role.INVESTIGATOR: "investigator", Role.USER: "user"}
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="philae"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """A program with a token, or a person who signed in."""

    actor: str
    """As the audit trail names it."""
    scopes: frozenset[str]
    user: User | None = None
    session: Session | None = None

    def allows(self, scope: str) -> bool:
        return scope in self.scopes


def gateway_of(request: Request) -> Gateway:
    """The gateway that the application was made for."""
    gateway: Gateway = request.app.state.gateway
    return gateway


Reached = Annotated[Gateway, Depends(gateway_of)]


def caller(
    request: Request, gateway: Reached, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
) -> Caller:
    """Who sent a request. Raises `Problem` 401."""
    found = _by_token(gateway, credentials.credentials) if credentials is not None else _by_session(gateway, request)
    if found is None and credentials is not None:
        raise Problem(401, "The API token is unknown or has expired", headers=_CHALLENGE)
    if found is None:
        raise Problem(401, "No API token", "send the header Authorization: Bearer philae_...", headers=_CHALLENGE)
    return found


def is_known(gateway: Gateway, request: Request) -> bool:
    """Whether the credentials of a request let anybody in."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(gateway, text.strip()) is not None
    return _by_session(gateway, request) is not None


def allowed(scope: str) -> Callable[[Caller], Caller]:
    """A dependency: the caller, if token or user has ``scope``; else 403."""
    if scope not in SCOPES:
        raise LookupError(scope)

    def check_scope(caller: Annotated[Caller, Depends(caller)]) -> Caller:
        if not caller.allows(scope):
            raise _refusal(caller, scope)
        return caller

    return check_scope


def _refusal(caller: Caller, scope: str) -> Problem:
    """People know roles, programs know scopes."""
    if caller.user is None:
        return Problem(403, f"The API token may not {SCOPES[scope]}", f"it needs the scope {scope!r}")
    roles = " or ".join(_ROLES[role] for role, scopes in SCOPES_OF.items() if scope in scopes)
    return Problem(403, "Your role does not allow this", f"it takes the role {roles}; an administrator gives it")


def is_still_in(gateway: Gateway, caller: Caller) -> bool:
    """Whether somebody who follows what is live may still do so; a program may until it goes."""
    if caller.session is None or caller.user is None:
        return caller.user is None
    session, user = gateway.sessions.find(caller.session.digest), gateway.users.find(caller.user.name)
    is_live = session is not None and session.is_live(datetime.now(UTC))
    return is_live and user is not None and user.scopes == caller.scopes


def _by_token(gateway: Gateway, text: str) -> Caller | None:
    token = check(gateway.tokens, text, datetime.now(UTC))
    return Caller(f"token {token.name}", token.scopes) if token is not None else None


def _by_session(gateway: Gateway, request: Request) -> Caller | None:
    text = session_text(request)
    if not text:
        return None
    is_used = not request.url.path.startswith(UNATTENDED)
    found = resume(gateway.sessions, gateway.users, text, datetime.now(UTC), is_used=is_used)
    if found is None:
        return None
    session, user = found
    return Caller(f"user {user.name}", user.scopes, user, session)
