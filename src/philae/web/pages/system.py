"""The machine beneath the gateway: certificates, mail, the log of the last hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from philae.admin.declined import Declined
from philae.config.fields import EmailAddress
from philae.notifications.smtp import NotSent
from philae.notifications.trial import send_trial
from philae.web.pages.changing import sent_form
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
_LOOKS_BACK: Final = timedelta(hours=1)
_SOON: Final = timedelta(days=30)
_LEVELS: Final = {"info": 0, "warning": 1, "error": 2}
_ADDRESS: Final[TypeAdapter[str]] = TypeAdapter(EmailAddress)


@router.get("/system")
def show_system(page: Configurer) -> Response:
    return _shown(page)


@router.post("/system/mail")
def send_mail(page: Configurer, sent: Sent) -> Response:
    """A test mail, and what the server said."""
    try:
        to, now = _ADDRESS.validate_python(sent.get("address", "")), datetime.now(UTC)
        answer = send_trial(page.gateway.mail, to, page.gateway.audit, page.caller.actor, now)
    except ValidationError:
        return _shown(page, sent, fault="write the address as name@example.org", status=422)
    except (Declined, NotSent) as error:
        return _shown(page, sent, fault=str(error), status=409)
    return _shown(page, sent, answer=answer)


def _shown(
    page: Page, sent: dict[str, str] | None = None, *, answer: str = "", fault: str = "", status: int = 200
) -> Response:
    now = datetime.now(UTC)
    asked = page.request.query_params.get("level", "info")
    level = asked if asked in _LEVELS else "info"
    lines = page.gateway.machine.log_since(now - _LOOKS_BACK)
    return page.render(
        "system.html",
        status,
        certificates=sorted(page.gateway.machine.certificates(), key=lambda each: each.ends_at),
        now=now,
        soon=now + _SOON,
        mail=page.gateway.mail,
        sent=sent or {},
        answer=answer,
        fault=fault,
        level=level,
        lines=[each for each in lines if _LEVELS.get(each.level, 2) >= _LEVELS[level]],
    )
