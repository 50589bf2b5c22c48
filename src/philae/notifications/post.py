"""The post room of a worker: makes mails of what is to be told and sends those that are due."""

from __future__ import annotations

import logging
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from philae.admin.notifications.alarms import Alarm, alarm_mail, find_alarms
from philae.admin.notifications.digest import digest
from philae.admin.notifications.study_mail import study_mail
from philae.notifications.smtp import Answer, Courier, NotSent
from philae.pipeline.errand import keep_at
from philae.pipeline.retry import RetryCurve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from philae.admin.notifications.alarms import Health, Limits
    from philae.admin.notifications.mail import Mail, OpenStudy, Outbox, Waiting
    from philae.admin.notifications.notice import Notice
    from philae.config.configuration import Configuration
    from philae.config.destination import Destination
    from philae.config.mail import MailServer
    from philae.config.notify import Notify
    from philae.pipeline.ports import ConfigStore
    from philae.pipeline.wake import Wake

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
ALARMS_EVERY_S: Final = 10.0
GIVE_UP_AFTER: Final = timedelta(days=5)
"""RFC 5321, 4.5.4.1: at least four to five days."""
_CURVE: Final = RetryCurve(base_s=10.0, cap_s=1800.0)


class AlarmBook(Protocol):
    """The alarms that are on. Raises `LedgerUnavailable`."""

    def ongoing(self) -> Sequence[Alarm]:
        """Those that are on."""

    def change(
        self,
        found: Sequence[Alarm],
        now: datetime,
        compose: Callable[[Sequence[Alarm], Sequence[Alarm]], Mail | None],
    ) -> tuple[Sequence[Alarm], Sequence[Alarm]]:
        """Make ``found`` those that are on; what began and what ended by that."""


@dataclass(slots=True, kw_only=True)
class Post:
    """Notifications and alarms, told by mail. Any number of processes may do it at once: each mail is sent by one."""

    outbox: Outbox
    alarms: AlarmBook
    configurations: ConfigStore
    server: MailServer | None
    alarm_recipients: tuple[str, ...]
    health: Callable[[Configuration], Health]
    limits: Limits
    _alarms_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    _send_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    _failures: int = field(default=0, init=False)

    def run(self, wake: Wake) -> None:
        """Work until told to stop. What a server does, or the database, is no reason to end."""
        keep_at(lambda: self.work(datetime.now(UTC), wake), wake, LOOK_EVERY_S)

    def work(self, now: datetime, wake: Wake) -> None:
        """Do what is due at ``now``. Raises `LedgerUnavailable`."""
        if now >= self._alarms_at:
            self._alarms_at = now + timedelta(seconds=ALARMS_EVERY_S)
            self._look_for_alarms(now)
        if self.server is not None:
            self._tell(now)
            with closing(Courier(self.server)) as courier:
                while now >= self._send_at and not wake.stopped and (waiting := self.outbox.claim(now)):
                    self._send(waiting, courier, now)

    def _look_for_alarms(self, now: datetime) -> None:
        health = self.health(self.configurations.current())
        found = find_alarms(health, self.limits, {each.key for each in self.alarms.ongoing()})
        began, ended = self.alarms.change(found, now, self._alarm_mail)
        for each in began:
            log.warning("alarm.began", extra={"alarm": each.key, "reason": each.words})
        for each in ended:
            log.warning("alarm.ended", extra={"alarm": each.key})

    def _alarm_mail(self, began: Sequence[Alarm], ended: Sequence[Alarm]) -> Mail | None:
        if self.server is None or not self.alarm_recipients:
            return None
        return alarm_mail(self.alarm_recipients, began, ended)

    def _tell(self, now: datetime) -> None:
        configuration = self.configurations.current()
        for study in self.outbox.open_studies():
            found = configuration.destination(study.destination_id)
            notify = found[1].notify if found is not None else None
            if found is None or notify is None:
                self.outbox.tell(study, lambda _: None)
            elif now >= study.since + timedelta(seconds=notify.interval_s):
                self.outbox.tell(study, self._composing(study, found[0].ae_title, found[1], notify))

    def _composing(
        self, study: OpenStudy, node_ae_title: str, destination: Destination, notify: Notify
    ) -> Callable[[Sequence[Notice]], Mail]:
        def deidentifies(version: int) -> bool:
            """What cannot be found out is kept quiet about."""
            with suppress(LookupError):
                found = self.configurations.version(version).destination(study.destination_id)
                return found is None or found[1].deidentify is not None
            return True

        return lambda notices: study_mail(digest(notices, deidentifies), notify, node_ae_title, destination)

    def _send(self, waiting: Waiting, courier: Courier, now: datetime) -> None:
        name = f"philae.{waiting.id}.{waiting.written_at.timestamp():.0f}"
        try:
            answer = courier.send(waiting.mail, name, waiting.written_at)
        except NotSent as error:
            self._not_sent(waiting, error, now)
        else:
            self._sent(waiting, answer)

    def _sent(self, waiting: Waiting, answer: Answer) -> None:
        self._failures = 0
        self.outbox.sent(waiting.id)
        log.info("mail.sent", extra={"mail": waiting.id, "recipients": len(waiting.mail.recipients)})
        if answer.refused:
            log.warning("mail.recipients_refused", extra={"mail": waiting.id, "recipients": ", ".join(answer.refused)})

    def _not_sent(self, waiting: Waiting, error: NotSent, now: datetime) -> None:
        """The next attempts wait too, with any mail: a server that hangs is not asked once for each."""
        self._failures += 1
        self._send_at = datetime.now(UTC) + _CURVE.delay(self._failures)
        said = {"mail": waiting.id, "attempts": waiting.attempts, "reason": str(error)}
        if now - waiting.written_at > GIVE_UP_AFTER:
            self.outbox.sent(waiting.id)
            log.error("mail.given_up", extra=said)
        else:
            self.outbox.postpone(waiting.id, datetime.now(UTC) + _CURVE.delay(waiting.attempts))
            log.warning("mail.not_sent", extra=said)
