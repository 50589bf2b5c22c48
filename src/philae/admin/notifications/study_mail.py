"""The words of a mail about a study, in plain text and in HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from philae.admin.notifications.mail import Mail
from philae.dicom.standard.uids import uid_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.admin.notifications.digest import SeriesDigest, StudyDigest
    from philae.config.destination import Destination
    from philae.config.notify import Notify

NOT_TOLD: Final = "(nothing of it has left)"
_HEADINGS: Final = ("Series", "Modality", "SOP classes", "Transferred", "Rejected", "Errors", "Reasons")
_RED, _ORANGE = "#f8d7da", "#ffe8cc"


def study_mail(study: StudyDigest, notify: Notify, node_ae_title: str, destination: Destination) -> Mail:
    """The mail that tells of ``study`` at ``destination``."""
    return Mail(
        notify.emails,
        study.subject(notify),
        "\n".join(_text(study, node_ae_title, destination)),
        "\n".join(_html(study, node_ae_title, destination)),
    )


def _facts(study: StudyDigest) -> Iterator[tuple[str, str]]:
    """What is known of the study; what is empty is left out, but for what it is known by."""
    yield "Patient ID", study.values["PatientID"] or NOT_TOLD
    yield "Study Instance UID", study.values["StudyInstanceUID"] or NOT_TOLD
    for heading, value in (
        ("Accession Number", study.accession_number),
        ("Study Description", study.values["StudyDescription"]),
        ("Study Date", study.values["StudyDate"]),
    ):
        if value:
            yield heading, value


def _counts(study: StudyDigest) -> str:
    return f"{study.delivered} transferred, {study.rejected} rejected, {study.errors} errors"


def _text(study: StudyDigest, node_ae_title: str, destination: Destination) -> Iterator[str]:
    yield f"From {node_ae_title} to {destination.name}: {_counts(study)}"
    yield ""
    yield from (f"{heading}: {value}" for heading, value in _facts(study))
    for each in study.series:
        yield ""
        yield f"Series {each.uid or NOT_TOLD}, {each.modality or 'no modality'}, {_classes(each)}"
        yield f"  {each.delivered} transferred, {each.rejected} rejected, {each.errors} errors"
        yield from (f"  - {reason}" for reason in each.reasons)
        if each.rejected or each.errors:
            yield f"  the gateway knows one of them as instance {each.example}"


def _html(study: StudyDigest, node_ae_title: str, destination: Destination) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><body style="font-family:sans-serif">'
    yield f"<h2>From {escape(node_ae_title)} to {escape(destination.name)}</h2>"
    yield f"<p>{_counts(study)}</p>"
    yield "<table>"
    for heading, value in _facts(study):
        yield f'<tr><th align="left">{heading}</th><td>{escape(value)}</td></tr>'
    yield "</table>"
    yield '<table border="1" cellpadding="4" style="border-collapse:collapse">'
    yield f"<tr>{''.join(f'<th>{heading}</th>' for heading in _HEADINGS)}</tr>"
    yield from map(_row, study.series)
    yield "</table></body></html>"


def _row(each: SeriesDigest) -> str:
    colour = _RED if each.errors else _ORANGE if each.rejected else "white"
    reasons = [*each.reasons]
    if each.rejected or each.errors:
        reasons.append(f"the gateway knows one of them as instance {each.example}")
    cells = (
        escape(each.uid or NOT_TOLD),
        escape(each.modality),
        escape(_classes(each)),
        str(each.delivered),
        str(each.rejected),
        str(each.errors),
        "<br>".join(map(escape, reasons)),
    )
    return f'<tr style="background:{colour}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _classes(each: SeriesDigest) -> str:
    return ", ".join(uid_name(uid) or "a private SOP class" for uid in each.sop_class_uids)
