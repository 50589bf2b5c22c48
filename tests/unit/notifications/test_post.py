"""When mails are written and sent, and what a server that does not work holds up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from philae.admin.notifications.alarms import Alarm, Disk, Health, Limits
from philae.admin.notifications.mail import Mail, OpenStudy, Waiting
from philae.admin.notifications.notice import Notice
from philae.config.configuration import Configuration
from philae.config.deidentify import Deidentify
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.config.mail import MailServer
from philae.config.notify import Notify
from philae.notifications import post as module
from philae.notifications.post import Post
from philae.notifications.smtp import Answer, NotSent
from philae.pipeline.outcome import State
from philae.pipeline.wake import Wake
from tests.support.lanes import make_destination
from tests.support.notices import ORIGINAL, make_notice

LIMITS = Limits(timedelta(minutes=5), timedelta(hours=1), timedelta(days=30))
SERVER = MailServer("mail.example", 25, "none", "philae@hospital.example")
NOTIFY = Notify(emails=("a@b.example",), interval_s=45)
DEIDENTIFY = Deidentify.model_construct(project="Trial")


class Outbox:
    """In memory; a study's notices are gone once they were told."""

    def __init__(self) -> None:
        self.studies: dict[OpenStudy, list[Notice]] = {}
        self.mails: dict[int, Waiting] = {}
        self.due: dict[int, datetime] = {}

    def put(self, mail: Mail, written_at: datetime) -> None:
        number = len(self.due) + 1
        self.mails[number] = Waiting(number, mail, written_at, 0)
        self.due[number] = written_at

    def open_studies(self) -> Sequence[OpenStudy]:
        return list(self.studies)

    def tell(self, study: OpenStudy, compose: Callable[[Sequence[Notice]], Mail | None]) -> bool:
        mail = compose(self.studies.pop(study))
        if mail is not None:
            self.put(mail, study.since)
        return mail is not None

    def claim(self, now: datetime) -> Waiting | None:
        for number, waiting in self.mails.items():
            if self.due[number] <= now:
                self.due[number] = now + timedelta(minutes=5)
                self.mails[number] = replace(waiting, attempts=waiting.attempts + 1)
                return self.mails[number]
        return None

    def sent(self, number: int) -> None:
        del self.mails[number]

    def postpone(self, number: int, until: datetime) -> None:
        self.due[number] = until


class Alarms:
    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._on: Sequence[Alarm] = ()

    def ongoing(self) -> Sequence[Alarm]:
        return self._on

    def change(
        self,
        found: Sequence[Alarm],
        now: datetime,
        compose: Callable[[Sequence[Alarm], Sequence[Alarm]], Mail | None],
    ) -> tuple[Sequence[Alarm], Sequence[Alarm]]:
        began = [each for each in found if each not in self._on]
        ended = [each for each in self._on if each not in found]
        self._on = found
        mail = compose(began, ended) if began or ended else None
        if mail is not None:
            self._outbox.put(mail, now)
        return began, ended


class Configurations:
    """Version 1 is the first, and so on; the last is current."""

    def __init__(self, *destinations: Destination) -> None:
        self.versions = [
            Configuration(version=number, forward_nodes=(ForwardNode(ae_title="PHILAE", destinations=(each,)),))
            for number, each in enumerate(destinations, start=1)
        ]

    def current(self) -> Configuration:
        return self.versions[-1]

    def version(self, number: int) -> Configuration:
        return self.versions[number - 1]

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError


class Office:
    """A post room whose server answers what the test says."""

    def __init__(self, *destinations: Destination, server: MailServer | None = SERVER) -> None:
        self.outbox = Outbox()
        self.sent: list[Mail] = []
        self.names: list[str] = []
        self.fault: NotSent | None = None
        self.refused: tuple[str, ...] = ()
        self.asked = 0
        self.disk = Disk(1000, 100)
        self.post = Post(
            outbox=self.outbox,
            alarms=Alarms(self.outbox),
            configurations=Configurations(*(destinations or (notifying(),))),
            server=server,
            alarm_recipients=("ops@b.example",),
            health=lambda _: Health(datetime.now(UTC), disk=self.disk),
            limits=LIMITS,
        )

    def notice(self, since: datetime, *notices: Notice, uid: str = "1.2") -> None:
        self.outbox.studies[OpenStudy(1, uid, since)] = list(notices or [make_notice()])

    def work(self, now: datetime) -> None:
        self.post.work(now, Wake())

    def courier(self, _server: MailServer) -> Office:
        return self

    def close(self) -> None:
        """Its server has nothing to hear."""

    def send(self, mail: Mail, name: str, _written_at: datetime) -> Answer:
        self.asked += 1
        self.names.append(name)
        if self.fault is not None:
            raise self.fault
        self.sent.append(mail)
        return Answer("250 OK", self.refused)


def notifying(**changes: Any) -> Destination:
    return make_destination().model_copy(update={"notify": NOTIFY, **changes})


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    return opened(Office(), monkeypatch)


def opened(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(module, "Courier", office.courier)
    return office


def test_a_study_is_told_when_its_interval_is_over_and_not_before(office: Office) -> None:
    since = now()
    office.notice(since)

    office.work(since + timedelta(seconds=44.9))
    too_early = list(office.sent)
    office.work(since + timedelta(seconds=45))

    assert too_early == []
    assert [(mail.recipients, mail.subject) for mail in office.sent] == [
        (("a@b.example",), "[Karnak Notification] P-7 Head")
    ]
    assert office.outbox.mails == {}


def test_each_study_has_its_own_mail(office: Office) -> None:
    since = now()
    for number in range(3):
        office.notice(since, uid=f"1.2.{number}")

    office.work(since + timedelta(minutes=1))

    assert len(office.sent) == 3


@pytest.mark.parametrize("state", [State.HELD, State.FAILED, State.EXCLUDED])
def test_errors_and_rejections_of_a_deidentifying_destination_are_told_without_names(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = opened(Office(notifying(deidentify=DEIDENTIFY)), monkeypatch)
    office.notice(now(), make_notice(state, reason="no pseudonym"))

    office.work(now() + timedelta(minutes=1))

    (mail,) = office.sent
    assert "no pseudonym" in mail.text
    assert not [value for value in ORIGINAL if value in f"{mail.subject}{mail.text}{mail.html}"]


def test_the_version_at_acceptance_decides_whether_names_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    office = opened(Office(notifying(deidentify=DEIDENTIFY), notifying()), monkeypatch)
    office.notice(now(), make_notice(State.HELD, config_version=1), uid="1.2.1")
    office.notice(now(), make_notice(State.HELD, config_version=2), uid="1.2.2")

    office.work(now() + timedelta(minutes=1))

    quiet, open_ = office.sent
    assert ORIGINAL.patient_id not in quiet.text
    assert ORIGINAL.patient_id in open_.text


def test_nobody_is_told_of_a_destination_that_no_longer_notifies(monkeypatch: pytest.MonkeyPatch) -> None:
    office = opened(Office(make_destination()), monkeypatch)
    office.notice(now())

    office.work(now() + timedelta(minutes=1))

    assert (office.sent, office.outbox.studies) == ([], {})


def test_a_mail_that_was_not_sent_is_sent_later_under_the_same_name(office: Office) -> None:
    office.notice(now() - timedelta(minutes=1))
    office.fault = NotSent("no answer in time")
    office.work(now())
    office.fault = None

    office.work(now() + timedelta(minutes=1))

    assert len(office.sent) == 1
    assert len(office.names) == 2
    assert len(set(office.names)) == 1


def test_a_server_that_hangs_is_not_asked_for_every_mail(office: Office) -> None:
    for number in range(50):
        office.notice(now() - timedelta(minutes=1), uid=f"1.2.{number}")
    office.fault = NotSent("no answer in time")

    for _ in range(10):
        office.work(now())

    assert office.asked == 1
    assert len(office.outbox.mails) == 50


def test_a_mail_is_given_up_after_five_days(office: Office) -> None:
    office.notice(now() - timedelta(days=6))
    office.fault = NotSent("550 nobody of that name")

    office.work(now())

    assert office.outbox.mails == {}


def test_recipients_that_are_refused_do_not_repeat_the_mail(office: Office) -> None:
    office.notice(now() - timedelta(minutes=1))
    office.refused = ("a@b.example",)

    office.work(now())

    assert office.outbox.mails == {}


def test_an_alarm_is_mailed_when_it_begins_and_when_it_ends(office: Office) -> None:
    begin = now()
    subjects = []
    for minute, free in enumerate((1000, 150, 150, 1000)):
        office.disk = Disk(free, 100)
        office.work(begin + timedelta(minutes=minute))
        subjects.append([mail.subject.split(":")[0] for mail in office.sent])

    alarm, over = "[Philae] ALARM", "[Philae] over"
    assert subjects == [[], [alarm], [alarm], [alarm, over]]
    assert {mail.recipients for mail in office.sent} == {("ops@b.example",)}


def test_without_a_server_alarms_are_only_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = opened(Office(server=None), monkeypatch)
    office.disk = Disk(150, 100)

    office.work(now())

    assert [record.message for record in caplog.records] == ["alarm.began"]
    assert office.outbox.mails == {}
