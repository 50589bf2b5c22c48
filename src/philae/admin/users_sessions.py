"""Sessions of people who signed in, and the link by which the first of them does."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from philae.admin.tokens import digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from philae.admin.users import User, UserStore

IDLE: Final = timedelta(hours=1)
"""A session that nobody uses for so long is over."""
LIFETIME: Final = timedelta(hours=12)
"""Every session is over after so long."""
LINK_LIFETIME: Final = timedelta(days=1)
_TOUCHED_EVERY: Final = timedelta(minutes=1)
_SECRET_BYTES: Final = 32
_HANDLE: Final = 16
_LONGEST_CLIENT: Final = 120


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's browser, signed in. ``digest`` is the SHA-256 of the text in its cookie."""

    digest: bytes
    user: str
    client: str
    """The browser, as it calls itself."""
    created_at: datetime
    seen_at: datetime

    @property
    def handle(self) -> str:
        """What a page calls it by; it lets nobody in."""
        return self.digest.hex()[:_HANDLE]

    def is_live(self, now: datetime) -> bool:
        """Whether it still counts."""
        return now < self.seen_at + IDLE and now < self.created_at + LIFETIME


class SessionStore(Protocol):
    """Sessions by digest."""

    def open(self, session: Session) -> None: ...

    def find(self, digest: bytes) -> Session | None: ...

    def touch(self, digest: bytes, at: datetime) -> None: ...

    def close(self, digest: bytes) -> bool:
        """False when there is none."""

    def of(self, user: str) -> Sequence[Session]:
        """Newest first."""

    def expire(self, created_before: datetime, seen_before: datetime) -> None: ...


class SetupLinks(Protocol):
    """The one link by which an administrator can be made."""

    def put(self, digest: bytes, expires_at: datetime) -> None:
        """In the place of the one before."""

    def holds(self, digest: bytes, now: datetime) -> bool: ...

    def take(self, digest: bytes, now: datetime) -> bool:
        """True for the first who asks, if it was put and has not expired."""


def start(store: SessionStore, user: User, client: str, now: datetime) -> str:
    """A new session; the text for its cookie, which is stored nowhere."""
    text = secrets.token_urlsafe(_SECRET_BYTES)
    store.expire(now - LIFETIME, now - IDLE)
    store.open(Session(digest_of(text), user.name, client[:_LONGEST_CLIENT], now, now))
    return text


def resume(
    sessions: SessionStore, users: UserStore, text: str, now: datetime, *, is_used: bool
) -> tuple[Session, User] | None:
    """The session of a cookie and its user; ``is_used`` when a person does something, so that it goes on."""
    session = sessions.find(digest_of(text))
    if session is None or not session.is_live(now):
        return None
    user = users.find(session.user)
    if user is None:
        return None
    if is_used and now - session.seen_at > _TOUCHED_EVERY:
        sessions.touch(session.digest, now)
    return session, user


def close_all(store: SessionStore, user: str, but: Session | None = None) -> int:
    """End the sessions of a user, except one; how many."""
    return sum(store.close(each.digest) for each in store.of(user) if but is None or each.digest != but.digest)


def close_one(store: SessionStore, user: str, handle: str) -> bool:
    """End the session of this user that pages call so."""
    return any(store.close(each.digest) for each in store.of(user) if each.handle == handle)


def new_setup_link(links: SetupLinks, now: datetime) -> str:
    """The text of a new link; the one before is void."""
    text = secrets.token_urlsafe(_SECRET_BYTES)
    links.put(digest_of(text), now + LINK_LIFETIME)
    return text
