"""Who may sign in, and as what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, ConfigDict, Field

from philae.admin.user_keeping import UserKeeper
from philae.admin.users import LONGEST_NAME, LONGEST_PASSWORD, SHORTEST_PASSWORD, Role, User, user_named
from philae.web.auth import Caller, Reached, allowed

router = APIRouter(prefix="/api/v1/users", tags=["users"])

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^[!-~\xa1-\uffdc]+( [!-~\xa1-\uffdc]+)*$")]
Password = Annotated[
    str,
    Field(
        min_length=SHORTEST_PASSWORD,
        max_length=LONGEST_PASSWORD,
        json_schema_extra={"format": "password", "writeOnly": True},
    ),
]
Roles = Annotated[set[Role], Field(min_length=1)]


class NewUser(BaseModel):
    """Somebody who shall be able to sign in."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    password: Password
    roles: Roles


class GivenRoles(BaseModel):
    """What somebody is here for."""

    roles: Roles


class GivenPassword(BaseModel):
    """Another password."""

    password: Password


class UserShown(BaseModel):
    """Somebody who may sign in."""

    name: str
    roles: list[Role]
    created_at: datetime
    locked_until: datetime | None
    """Too many wrong passwords: nobody gets in under this name before."""
    sessions: int


class Ended(BaseModel):
    """How many sessions are over."""

    ended: int


def _keeper(gateway: Reached, caller: Annotated[Caller, Depends(allowed("users"))]) -> UserKeeper:
    return UserKeeper(gateway.users, gateway.sessions, gateway.passwords, gateway.audit, caller.actor)


Keeper = Annotated[UserKeeper, Depends(_keeper)]


@router.get("", summary="Users")
def read_users(keeper: Keeper) -> list[UserShown]:
    return [_shown(keeper, each) for each in keeper.users.all()]


@router.post("", summary="Add a user", status_code=201)
def add_user(keeper: Keeper, given: Annotated[NewUser, Body()]) -> UserShown:
    """Answers 409 for a name that is taken and for a password that would be guessed."""
    return _shown(keeper, keeper.create(given.name, given.password, given.roles, datetime.now(UTC)))


@router.get("/{user}", summary="A user")
def read_user(keeper: Keeper, user: str) -> UserShown:
    return _shown(keeper, user_named(keeper.users, user))


@router.put("/{user}/roles", summary="Give a user other roles")
def put_roles(keeper: Keeper, user: str, given: Annotated[GivenRoles, Body()]) -> UserShown:
    """Answers 409 if nobody could administer the gateway afterwards."""
    return _shown(keeper, keeper.set_roles(user, given.roles, datetime.now(UTC)))


@router.put("/{user}/password", summary="Give a user another password", status_code=204)
def put_password(keeper: Keeper, user: str, given: Annotated[GivenPassword, Body()]) -> None:
    """His sessions end, and he is unlocked."""
    keeper.set_password(user, given.password, datetime.now(UTC))


@router.delete("/{user}/sessions", summary="End the sessions of a user")
def end_sessions(keeper: Keeper, user: str) -> Ended:
    return Ended(ended=keeper.end_sessions(user, datetime.now(UTC)))


@router.delete("/{user}", summary="Delete a user", status_code=204)
def remove_user(keeper: Keeper, user: str) -> None:
    """Answers 409 if nobody could administer the gateway afterwards."""
    keeper.delete(user, datetime.now(UTC))


def _shown(keeper: UserKeeper, user: User) -> UserShown:
    return UserShown(
        name=user.name,
        roles=sorted(user.roles, key=lambda role: role.value),
        created_at=user.created_at,
        locked_until=user.locked_until,
        sessions=len(keeper.sessions.of(user.name)),
    )
