"""What the pages of this machine's gateway show and do beyond its database."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from philae.admin.declined import Declined
from philae.app.log import FOLDER
from philae.app.recent_log import log_since
from philae.demo import write_study
from philae.dimse.address import Address
from philae.notifications.certificates import certificates
from philae.tools.send import Answer, Sent, examine, send
from philae.web.machine import Machine

if TYPE_CHECKING:
    from philae.config.settings import Settings
    from philae.pipeline.ports import ConfigStore

_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to reach what listens everywhere


def machine(settings: Settings, configurations: ConfigStore) -> Machine:
    """As it is with these settings."""
    own, authorities = [settings.dicom_tls_certificate], [settings.dicom_tls_authority, settings.mail_authority]
    return Machine(
        certificates=lambda: tuple(certificates(own, authorities, configurations.current())),
        log_since=lambda begin: log_since(settings.data / FOLDER / "philae.log", begin),
        send_sample=lambda node, calling: _send_sample(settings, node, calling),
        dicom_port=settings.dicom_port,
        dicom_tls_port=settings.dicom_tls_port,
    )


def _send_sample(settings: Settings, node: str, calling: str) -> str:
    host = _ANY.get(settings.dicom_host, settings.dicom_host)
    address = Address(host, settings.dicom_port, node, calling)
    with TemporaryDirectory() as folder:
        found = examine(write_study(Path(folder))[-1])
        answers = [found] if isinstance(found, Answer) else list(send([found], address, 1))
    if answers[0].sent is not Sent.STORED:
        raise Declined(f"the gateway answered: {answers[0].words}")
    return answers[0].words
