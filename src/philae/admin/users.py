"""People who may sign in: their roles, their passwords, how often somebody guessed wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

from philae.admin.declined import Declined, Missing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

LONGEST_NAME: Final = 64
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
GUESSES: Final = 5
"""So many wrong passwords in a row lock an account."""
LOCKED_FOR: Final = timedelta(minutes=5)


class Role(Enum):
    """What somebody is here for."""

    ADMIN = "admin"
    INVESTIGATOR = "investigator"
    USER = "user"


SCOPES_OF: Final = {
    Role.ADMIN: frozenset(
        {"status", "configure", "deliveries", "identifiers", "operate", "pseudonyms", "audit", "users"}
    ),
    Role.INVESTIGATOR: frozenset({"status", "deliveries", "identifiers"}),
    Role.USER: frozenset({"status", "pseudonyms"}),
}
"""The same scopes as API tokens have (`philae.admin.tokens.SCOPES`)."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in."""

    name: str
    roles: frozenset[Role]
    created_at: datetime
    password_hash: str = field(repr=False)
    failures: int = 0
    """Wrong passwords since the last right one."""
    locked_until: datetime | None = None

    @property
    def is_vouched_for(self) -> bool:
        """Whether he signs in at a provider and has no password here."""
        return not self.password_hash

    @property
    def scopes(self) -> frozenset[str]:
        """What the roles allow, taken together."""
        return frozenset().union(*(SCOPES_OF[role] for role in self.roles))

    def is_locked(self, now: datetime) -> bool:
        """Whether not even the right password lets in."""
        return self.locked_until is not None and now < self.locked_until


class UserStore(Protocol):
    """Users by name."""

    def add(self, user: User) -> bool:
        """False when the name is taken."""

    def find(self, name: str) -> User | None: ...

    def all(self) -> Sequence[User]:
        """By name."""

    def change(self, user: User) -> None:
        """Roles and password, failures and lock of the user of this name."""

    def count_failure(self, name: str, locked_until: datetime, guesses: int) -> None:
        """One wrong password more; the account is locked when that makes ``guesses`` in a row."""

    def remove(self, name: str) -> bool:
        """False when there is none of this name."""


class Passwords(Protocol):
    """Hashes passwords, slowly on purpose."""

    def hash(self, password: str) -> str: ...

    def verify(self, password_hash: str, password: str) -> bool: ...


def create(
    store: UserStore, passwords: Passwords, name: str, password: str, roles: Collection[Role], now: datetime
) -> User:
    """A new user. Raises `Declined`."""
    name = name_of(name)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Declined(f"a user needs a name of 1 to {LONGEST_NAME} characters")
    if not roles:
        raise Declined("a user needs a role")
    check_password(password, name)
    user = User(name, frozenset(roles), now, passwords.hash(password))
    if not store.add(user):
        raise Declined(f"there is a user {name!r} already; take another name")
    return user


def sign_in(store: UserStore, passwords: Passwords, name: str, password: str, now: datetime) -> User | None:
    """The user of this name and password; None for any reason not to let in, after the same work for each."""
    user = store.find(name_of(name))
    is_right = passwords.verify(user.password_hash if user else "", password[:LONGEST_PASSWORD])
    if user is None or user.is_locked(now):
        return None
    if not is_right:
        store.count_failure(user.name, now + LOCKED_FOR, GUESSES)
        return None
    welcome = replace(user, failures=0, locked_until=None)
    if welcome != user:
        store.change(welcome)
    return welcome


def with_new_password(user: User, passwords: Passwords, password: str) -> User:
    """The user with another password, unlocked. Raises `Declined`."""
    _check_kept_here(user)
    check_password(password, user.name)
    return replace(user, password_hash=passwords.hash(password), failures=0, locked_until=None)


def typed_twice(password: str, again: str) -> str:
    """The password. Raises `Declined`."""
    if password != again:
        raise Declined("the two passwords differ")
    return password


def check_password(password: str, name: str) -> None:
    """Length is what counts (NIST SP 800-63B). Raises `Declined`."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Declined(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if len(set(password)) < SHORTEST_PASSWORD // 3 or name_of(password) == name:
        raise Declined("this password would be guessed; take several words that do not belong together")


def change_roles(store: UserStore, name: str, roles: Collection[Role]) -> User:
    """Raises `Declined` when nobody could administer the gateway afterwards."""
    user = user_named(store, name)
    _check_kept_here(user)
    if not roles:
        raise Declined("a user needs a role")
    if Role.ADMIN not in roles:
        _check_not_last(store, user)
    changed = replace(user, roles=frozenset(roles))
    store.change(changed)
    return changed


def remove(store: UserStore, name: str) -> None:
    """Raises `Declined` when nobody could administer the gateway afterwards."""
    _check_not_last(store, user_named(store, name))
    store.remove(name)


def user_named(store: UserStore, name: str) -> User:
    """Raises `Missing` when there is none."""
    user = store.find(name)
    if user is None:
        raise Missing(f"there is no user {name!r}")
    return user


def name_of(text: str) -> str:
    """A name as it is stored: nobody is told apart by capitals."""
    return " ".join(text.split()).casefold()


def _check_kept_here(user: User) -> None:
    if user.is_vouched_for:
        raise Declined(f"{user.name!r} signs in at the provider; roles and password are changed there")


def _check_not_last(store: UserStore, user: User) -> None:
    admins = [each.name for each in store.all() if Role.ADMIN in each.roles]
    if admins == [user.name]:
        raise Declined(f"{user.name!r} is the only administrator; make somebody else one first")
