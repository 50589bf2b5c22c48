"""Where instances go; one file a kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from philae.admin.doctor import Case, Doctor, Examination
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.config.kinds import DestinationSettings
from philae.config.sending import RateSettings
from philae.config.web_services import NO_SERVICES, WebServiceSettings
from philae.destinations import dicom, folder, report_only, s3, sftp, stow
from philae.destinations.examination import WholeExamination, impatient
from philae.destinations.pace import PacedSender
from philae.pipeline.ports import Sender


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of destination: its settings, how a sender is made for a forward node, who knows its ills."""

    settings: type[DestinationSettings]
    sender: Callable[[Any, ForwardNode], Sender]
    doctor: Callable[[Any, Case], Doctor]


CATALOGUE: Final = (
    Kind(dicom.DicomSettings, dicom.DicomSender, dicom.DicomDoctor),
    Kind(folder.FolderSettings, folder.FolderSender, folder.FolderDoctor),
    Kind(sftp.SftpSettings, sftp.sftp_sender, sftp.sftp_doctor),
    Kind(stow.StowSettings, stow.StowSender, stow.StowDoctor),
    Kind(s3.S3Settings, s3.s3_sender, s3.s3_doctor),
    Kind(report_only.ReportOnlySettings, report_only.ReportOnlySender, report_only.ReportOnlyDoctor),
)
SETTINGS: Final[dict[str, type[DestinationSettings]]] = {kind.settings.kind_name: kind.settings for kind in CATALOGUE}


def sender_for(destination: Destination, node: ForwardNode, services: WebServiceSettings = NO_SERVICES) -> Sender:
    """A new sender to a destination; one lane uses it. Raises `TryAgain` when its files cannot be used.

    ``services`` has the authentications that destinations name.
    """
    settings = destination.settings.with_authentications(services)
    sender = _kind(settings).sender(settings, node)
    return sender if destination.rate == RateSettings() else PacedSender(sender, destination.rate, settings.lanes)


def examination_of(case: Case) -> Examination:
    """What the doctor does about a destination; `philae.admin.doctor.examine` takes its steps."""
    settings = impatient(case.destination.settings.with_authentications(case.services))
    kind = _kind(settings)
    return WholeExamination(kind.doctor(settings, case), case, lambda: kind.sender(settings, case.node))


def _kind(settings: DestinationSettings) -> Kind:
    return next(kind for kind in CATALOGUE if isinstance(settings, kind.settings))
