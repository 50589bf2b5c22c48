"""Signing in at the provider, and coming back from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from philae.admin.declined import Declined
from philae.admin.users_vouched import admit
from philae.web.cookies import forget_journey, journey_text, keep_id_token, keep_journey, root_of
from philae.web.oidc import Journey, NotVouchedFor, Provider
from philae.web.pages.entrance import let_in, note, sign_in_page
from philae.web.pages.page import Page, anyone, local
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

ForAnyone = Annotated[Page, Depends(anyone)]
_BACK = "/sign-in/provider/back"


def provider_of(page: Page) -> Provider:
    """Raises `Problem` 404."""
    if page.gateway.provider is None:
        raise Problem(404, "Nobody but this gateway lets people in", "set PHILAE_OIDC_ISSUER")
    return page.gateway.provider


@router.get("/sign-in/provider")
def go_to_provider(page: ForAnyone, request: Request, to: str = "/") -> Response:
    try:
        url, journey = provider_of(page).begin(f"{root_of(request)}{_BACK}", local(to))
    except NotVouchedFor as error:
        return sign_in_page(page, to, str(error), 503)
    answer = RedirectResponse(url, 303)
    keep_journey(request, answer, journey.as_text())
    return answer


@router.get(_BACK)
def come_back(page: ForAnyone, request: Request) -> Response:
    """A journey is good for one return."""
    provider = provider_of(page)
    journey = Journey.from_text(journey_text(request))
    answer = _arrived(page, provider, journey) if journey else sign_in_page(page, "/", "the sign-in took too long", 403)
    forget_journey(request, answer)
    return answer


def _arrived(page: Page, provider: Provider, journey: Journey) -> Response:
    gateway, now = page.gateway, datetime.now(UTC)
    back = f"{root_of(page.request)}{_BACK}"
    try:
        vouched = provider.finish(journey, back, page.request.query_params)
        user = admit(gateway.users, gateway.sessions, vouched.name, vouched.roles, now)
    except (NotVouchedFor, Declined) as refusal:
        note(page, "provider", "sign-in.refused")
        return sign_in_page(page, journey.to, str(refusal), 403)
    answer = let_in(page, user, local(journey.to))
    keep_id_token(page.request, answer, vouched.id_token)
    return answer
