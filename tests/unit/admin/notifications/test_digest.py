"""What a mail says of a study, and what it keeps to itself."""

from __future__ import annotations

import pytest

from philae.admin.notifications.digest import StudyDigest, digest
from philae.admin.notifications.notice import Notice
from philae.admin.notifications.study_mail import NOT_TOLD, study_mail
from philae.config.notify import Notify
from philae.pipeline.outcome import State
from tests.support.instances import CT
from tests.support.lanes import make_destination
from tests.support.notices import NEW, ORIGINAL, make_notice

NOTIFY = Notify(emails=("a@b.example",))


def of(*notices: Notice, deidentifies: bool = True) -> StudyDigest:
    return digest(notices, lambda _: deidentifies)


def words(study: StudyDigest) -> str:
    mail = study_mail(study, NOTIFY, "PHILAE", make_destination())
    return f"{mail.subject}\n{mail.text}\n{mail.html}"


def test_instances_are_counted_per_series_and_in_all() -> None:
    other = NEW._replace(series_instance_uid="2.25.601")

    study = of(
        make_notice(instances=3),
        make_notice(State.EXCLUDED, instances=2, reason="not wanted"),
        make_notice(State.HELD, reason="no pseudonym"),
        make_notice(original=ORIGINAL._replace(series_instance_uid="1.2.9"), sent=other, instances=5),
    )

    assert (study.delivered, study.rejected, study.errors) == (8, 2, 1)
    first, second = study.series
    assert (first.uid, first.delivered, first.rejected, first.errors) == ("2.25.600", 3, 2, 1)
    assert (first.reasons, first.example) == (("not wanted", "no pseudonym"), 77)
    assert (second.uid, second.delivered) == ("2.25.601", 5)


@pytest.mark.parametrize(
    "states, subject",
    [
        ([State.SENT, State.SIMULATED], "[Karnak Notification] P-7 Head"),
        ([State.SENT, State.EXCLUDED], "**REJECTED** [Karnak Notification] P-7 Head"),
        ([State.SENT, State.EXCLUDED, State.FAILED], "**ERROR** [Karnak Notification] P-7 Head"),
        ([State.SENT, State.HELD], "**ERROR** [Karnak Notification] P-7 Head"),
    ],
)
def test_the_subject_tells_of_errors_before_rejections(states: list[State], subject: str) -> None:
    study = of(*(make_notice(state) for state in states))

    assert study.subject(NOTIFY) == subject


def test_no_original_identifier_is_in_a_mail_about_a_deidentifying_destination() -> None:
    reason = f"instance {ORIGINAL.series_instance_uid}.1 of class {CT} was refused"
    sent_and_failed = words(of(make_notice(), make_notice(State.FAILED, reason=reason)))
    nothing_sent = words(of(make_notice(State.HELD, reason=reason)))

    for mail in (sent_and_failed, nothing_sent):
        assert not [value for value in ORIGINAL if value in mail]
        assert "instance [UID] of class 1.2.840.10008.5.1.4.1.1.2 was refused" in mail
    assert "P-7" in sent_and_failed
    assert NOT_TOLD in nothing_sent
    assert "instance 77" in nothing_sent


def test_a_destination_that_gets_the_names_is_told_about_by_name() -> None:
    mail = words(of(make_notice(State.FAILED, reason="full"), deidentifies=False))

    assert all(value in mail for value in ORIGINAL)
    assert "full" in mail


def test_a_version_that_deidentified_stays_silent_after_the_configuration_changed() -> None:
    study = digest([make_notice(State.HELD, config_version=1)], lambda version: version == 1)

    assert not [value for value in ORIGINAL if value in words(study)]


def test_values_cannot_be_markup() -> None:
    study = of(make_notice(sent=NEW._replace(patient_id="<b>&"), description="<script>"))

    html = study_mail(study, NOTIFY, "<PHILAE>", make_destination()).html

    assert "&lt;b&gt;&amp;" in html
    assert "<script>" not in html
    assert "<PHILAE>" not in html


def test_many_reasons_are_summed_up() -> None:
    study = of(*(make_notice(State.FAILED, reason=f"{number} {'x' * 300}") for number in range(30)))

    reasons = study.series[0].reasons
    assert len(reasons) == 11
    assert max(map(len, reasons)) == 200
    assert reasons[-1] == "and 20 other reasons"
