"""API tokens: issued, shown once, revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.audit import Event
from philae.admin.declined import Declined
from philae.admin.tokens import SCOPES, issue
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
        token, text = issue(
            page.gateway.tokens, sent.get("name", "").strip(), scopes, datetime.now(UTC), timedelta(days=int(days))
        )
    except Declined as declined:
        return _shown(page, sent, fault=str(declined), status=422)
    _record(page, "token.issued", token.name, " ".join(scopes))
    return _shown(page, {"days": "365"}, text=text)


@router.post("/token/revoke")
def revoke_token(page: Keeper, sent: Sent) -> Response:
    if page.gateway.tokens.revoke(sent.get("name", "")):
        _record(page, "token.revoked", sent["name"])
    return page.go("/tokens", done="revoked")


def _shown(page: Page, sent: dict[str, str], *, text: str = "", fault: str = "", status: int = 200) -> Response:
    tokens = page.gateway.tokens.all()
    return page.render("tokens.html", status, tokens=tokens, scopes=SCOPES, sent=sent, text=text, fault=fault)


def _record(page: Page, action: str, subject: str, after: str = "") -> None:
    page.gateway.audit.record(Event(datetime.now(UTC), page.caller.actor, action, subject, after=after))
