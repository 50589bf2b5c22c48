"""API tokens: issued, shown once, revoked."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.declined import Declined, Missing
from philae.admin.token_keeping import TokenKeeper
from philae.admin.tokens import SCOPES
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Keeper = Annotated[Page, Depends(readers_with("users"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/tokens")
def show_tokens(page: Keeper) -> Response:
    return _shown(page, {"days": "365"})


@router.post("/tokens")
def issue_token(page: Keeper, sent: Sent) -> Response:
    """Its text is on this answer and nowhere else."""
    scopes = [scope for scope in SCOPES if sent.get(f"scope-{scope}") == "on"]
    days = sent.get("days", "")
    try:
        if not days.isdecimal() or not 1 <= int(days[:6]) <= 36_500:
            raise Declined("a token lives for 1 to 36500 days")  # noqa: TRY301 - one way to tell every fault of the form
        lifetime = timedelta(days=int(days))
        _, text = _keeper(page).issue(sent.get("name", "").strip(), scopes, datetime.now(UTC), lifetime)
    except Declined as declined:
        return _shown(page, sent, fault=str(declined), status=422)
    return _shown(page, {"days": "365"}, text=text)


@router.post("/token/revoke")
def revoke_token(page: Keeper, sent: Sent) -> Response:
    with suppress(Missing):  # somebody else was faster
        _keeper(page).revoke(sent.get("name", ""), datetime.now(UTC))
    return page.go("/tokens", done="revoked")


def _shown(page: Page, sent: dict[str, str], *, text: str = "", fault: str = "", status: int = 200) -> Response:
    tokens = page.gateway.tokens.all()
    return page.render("tokens.html", status, tokens=tokens, scopes=SCOPES, sent=sent, text=text, fault=fault)


def _keeper(page: Page) -> TokenKeeper:
    return TokenKeeper(page.gateway.tokens, page.gateway.audit, page.caller.actor)
