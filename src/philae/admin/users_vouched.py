"""People for whom a provider vouches: they have no password here, and the roles that it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from philae.admin.declined import Declined
from philae.admin.users import LONGEST_NAME, Role, User, UserStore, name_of
from philae.admin.users_sessions import close_all

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from philae.admin.users_sessions import SessionStore


def admit(store: UserStore, sessions: SessionStore, name: str, roles: Collection[Role], now: datetime) -> User:
    """The user of this name, with these roles from now on. Raises `Declined`."""
    name = name_of(name)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Declined("the provider knows you by a name that cannot be used here")
    known = store.find(name)
    if known is not None and not known.is_vouched_for:
        raise Declined("a user of this name signs in with a password; sign in so, or have that user deleted")
    if not roles:
        close_all(sessions, name)
        raise Declined("the provider gives you no role here: admin, investigator or user")
    user = replace(known or User(name, frozenset(), now, ""), roles=frozenset(roles))
    if known is None and not store.add(user):
        raise Declined("somebody of this name was just created; sign in again")
    if known is not None and user != known:
        store.change(user)
    return user
