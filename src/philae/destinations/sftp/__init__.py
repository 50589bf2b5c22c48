"""Delivery by SFTP: settings, and a sender and a doctor that are loaded when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.destinations.sftp.settings import SftpSettings

if TYPE_CHECKING:
    from philae.admin.doctor import Case, Doctor
    from philae.config.forward_node import ForwardNode
    from philae.pipeline.ports import Sender

__all__ = ["SftpSettings", "sftp_doctor", "sftp_sender"]


def sftp_sender(settings: SftpSettings, node: ForwardNode) -> Sender:
    """A sender; asyncssh takes a second to load, which only those who send by SFTP are to pay."""
    from philae.destinations.sftp.sender import SftpSender  # noqa: PLC0415 - see above

    return SftpSender(settings, node)


def sftp_doctor(settings: SftpSettings, case: Case) -> Doctor:
    """A doctor, loaded as late as the sender."""
    from philae.destinations.sftp.doctor import SftpDoctor  # noqa: PLC0415 - see above

    return SftpDoctor(settings, case)
