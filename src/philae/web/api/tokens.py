"""API tokens: who has which; issued, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from philae.admin.token_keeping import TokenKeeper
from philae.admin.tokens import LONGEST_NAME, SCOPES, Token
from philae.web.auth import Caller, Reached, allowed

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])

_FOR_EVER: Final = 0


def _known(scope: str) -> str:
    if scope not in SCOPES:
        raise ValueError(f"there are: {', '.join(SCOPES)}")
    return scope


Scope = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(SCOPES)})]


class NewToken(BaseModel):
    """What a token is for."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^[!-~\xa1-\uffdc]+( [!-~\xa1-\uffdc]+)*$")
    scopes: set[Scope] = Field(min_length=1)
    days: int = Field(default=365, ge=_FOR_EVER, le=36_500)
    """How long it lives; 0 is for ever."""


class TokenShown(BaseModel):
    """A token without its text."""

    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None


class Issued(BaseModel):
    """A token, this once with its text: only its hash is stored."""

    token: str
    facts: TokenShown


def _keeper(gateway: Reached, caller: Annotated[Caller, Depends(allowed("users"))]) -> TokenKeeper:
    return TokenKeeper(gateway.tokens, gateway.audit, caller.actor)


Keeper = Annotated[TokenKeeper, Depends(_keeper)]


@router.get("", summary="Every token, without its text", dependencies=[Depends(allowed("audit"))])
def read_tokens(gateway: Reached) -> list[TokenShown]:
    return [_shown(each) for each in gateway.tokens.all()]


@router.post("", summary="Issue a token", status_code=201)
def issue_token(keeper: Keeper, given: Annotated[NewToken, Body()]) -> Issued:
    """Its text is in this answer and nowhere else."""
    lifetime = timedelta(days=given.days) if given.days != _FOR_EVER else None
    token, text = keeper.issue(given.name, given.scopes, datetime.now(UTC), lifetime)
    return Issued(token=text, facts=_shown(token))


@router.delete("/{token}", summary="Take a token back", status_code=204)
def revoke_token(keeper: Keeper, token: str) -> None:
    """It is refused from the next request on."""
    keeper.revoke(token, datetime.now(UTC))


def _shown(token: Token) -> TokenShown:
    return TokenShown(
        name=token.name, scopes=sorted(token.scopes), created_at=token.created_at, expires_at=token.expires_at
    )
