"""What administrators do with those who may sign in; all of it is audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from philae.admin.audit import Event
from philae.admin.users import change_roles, create, remove, user_named, with_new_password
from philae.admin.users_sessions import close_all

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from philae.admin.audit import AuditTrail
    from philae.admin.users import Passwords, Role, User, UserStore
    from philae.admin.users_sessions import SessionStore


@dataclass(frozen=True, slots=True)
class UserKeeper:
    """One administrator, by the name that the audit trail has; every method raises `Declined`."""

    users: UserStore
    sessions: SessionStore
    passwords: Passwords
    audit: AuditTrail
    actor: str

    def create(self, name: str, password: str, roles: Collection[Role], now: datetime) -> User:
        """Somebody new."""
        user = create(self.users, self.passwords, name, password, roles, now)
        self._record(now, "user.created", user.name, _names(user))
        return user

    def set_roles(self, name: str, roles: Collection[Role], now: datetime) -> User:
        """Not if nobody could administer the gateway afterwards."""
        user = change_roles(self.users, name, roles)
        self._record(now, "user.roles", name, _names(user))
        return user

    def set_password(self, name: str, password: str, now: datetime) -> None:
        """For somebody who forgot it; his sessions end and he is unlocked."""
        self.users.change(with_new_password(user_named(self.users, name), self.passwords, password))
        close_all(self.sessions, name)
        self._record(now, "user.password", name)

    def end_sessions(self, name: str, now: datetime) -> int:
        """How many there were."""
        ended = close_all(self.sessions, user_named(self.users, name).name)
        self._record(now, "user.sessions-ended", name)
        return ended

    def delete(self, name: str, now: datetime) -> None:
        """Not if nobody could administer the gateway afterwards; his sessions end."""
        remove(self.users, name)
        close_all(self.sessions, name)
        self._record(now, "user.deleted", name)

    def _record(self, now: datetime, action: str, subject: str, after: str = "") -> None:
        self.audit.record(Event(now, self.actor, action, subject, after=after))


def _names(user: User) -> str:
    return " ".join(sorted(role.value for role in user.roles))
