"""How a worker tells people what it does: the clinical log, notifications, alarms."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from philae.admin.examinations import ill_destinations
from philae.admin.notifications.alarms import Disk, Health, Limits
from philae.admin.notifications.closing import since_opening
from philae.admin.notifications.notice import notified
from philae.app.clinical import ClinicalLog
from philae.notifications.certificates import certificates
from philae.notifications.post import Post
from philae.store.alarms import SqlAlarms, read_health
from philae.store.examinations import SqlExaminations
from philae.store.outbox import SqlOutbox

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from philae.config.configuration import Configuration
    from philae.config.settings import Settings
    from philae.pipeline.ports import ConfigStore
    from philae.store.database import Database


@dataclass(frozen=True, slots=True)
class Telling:
    """What a worker needs to tell people something."""

    clinical: ClinicalLog
    post: Post
    notified: Callable[[], Collection[int]]
    """The destinations about which somebody is notified."""


def notified_now(settings: Settings, configurations: ConfigStore) -> Callable[[], Collection[int]]:
    """Asks which destinations somebody is notified of; of none without a server that takes mail."""
    known: dict[int, Collection[int]] = {}

    def now() -> Collection[int]:
        configuration = configurations.current()
        if configuration.version not in known:
            known.clear()
            known[configuration.version] = notified(configuration)
        return known.get(configuration.version, ())

    return now if settings.mail is not None else frozenset


def build_telling(settings: Settings, database: Database, configurations: ConfigStore) -> Telling:
    """The clinical log and the post room of one worker."""
    examinations = SqlExaminations(database)

    def health(configuration: Configuration) -> Health:
        authorities = (settings.dicom_tls_authority, settings.mail_authority)
        sent_to = {each.id for node in configuration.forward_nodes for each in node.destinations if node.sends_to(each)}
        now = datetime.now(UTC)
        return Health(
            now,
            [since_opening(each, configuration, now) for each in read_health(database, sent_to)],
            _disk(settings.spool, settings),
            tuple(certificates([settings.dicom_tls_certificate], authorities, configuration)),
            nobody_told=settings.mail is None and bool(notified(configuration)),
            ill=ill_destinations(examinations, configuration) if settings.doctor_every_s != "off" else (),
        )

    post = Post(
        outbox=SqlOutbox(database),
        alarms=SqlAlarms(database),
        configurations=configurations,
        server=settings.mail,
        alarm_recipients=settings.alarm_emails,
        health=health,
        limits=Limits(
            down=timedelta(seconds=settings.alarm_down_s),
            waiting=timedelta(seconds=settings.alarm_waiting_s),
            certificate=timedelta(days=settings.alarm_certificate_days),
        ),
    )
    return Telling(ClinicalLog(configurations), post, notified_now(settings, configurations))


def _disk(spool: Path, settings: Settings) -> Disk:
    usage = shutil.disk_usage(spool)
    share = int(usage.total * settings.spool_min_free_percent / 100)
    return Disk(usage.free, max(settings.spool_min_free_bytes, share))
