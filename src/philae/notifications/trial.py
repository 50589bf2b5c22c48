"""A mail to try whether mail arrives."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from uuid import uuid4

from philae.admin.audit import Event
from philae.admin.declined import Declined
from philae.admin.notifications.mail import Mail
from philae.notifications.smtp import Courier

if TYPE_CHECKING:
    from datetime import datetime

    from philae.admin.audit import AuditTrail
    from philae.config.mail import MailServer


def send_trial(server: MailServer | None, recipient: str, audit: AuditTrail, actor: str, now: datetime) -> str:
    """Which server took the mail and what it answered. Raises `NotSent`; `Declined` when there is no server."""
    if server is None:
        raise Declined("there is no mail server; set PHILAE_MAIL_HOST and PHILAE_MAIL_FROM")
    mail = Mail.of_lines((recipient,), "[Philae] test", ["Mail from this gateway arrives."])
    audit.record(Event(now, actor, "mail.test", recipient))
    with closing(Courier(server)) as courier:
        answer = courier.send(mail, f"philae.test.{uuid4().hex}", now)
    return f"{server.host}:{server.port} ({server.security}) took the mail: {answer.words}"
