"""Whether people can be told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, ConfigDict

from philae.config.fields import EmailAddress
from philae.notifications.smtp import NotSent
from philae.notifications.trial import send_trial
from philae.web.auth import Caller, Reached, allowed
from philae.web.problems import Problem, problem

router = APIRouter(prefix="/api/v1/mail", tags=["mail"])


class Recipient(BaseModel):
    """Who gets the mail."""

    model_config = ConfigDict(extra="forbid")

    address: EmailAddress


class Taken(BaseModel):
    """What the server said."""

    answer: str


@router.post("/test", summary="Send a test mail", responses={502: problem("The server did not take the mail")})
def send_test_mail(
    gateway: Reached, caller: Annotated[Caller, Depends(allowed("configure"))], to: Annotated[Recipient, Body()]
) -> Taken:
    """Answers 409 if there is no server, 502 with what it said if it does not take the mail."""
    try:
        answer = send_trial(gateway.mail, to.address, gateway.audit, caller.actor, datetime.now(UTC))
    except NotSent as error:
        raise Problem(502, "The server did not take the mail", str(error)) from error
    return Taken(answer=answer)
