"""Delivery to S3: settings, and a sender and a doctor that are loaded when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.destinations.s3.settings import S3Settings

if TYPE_CHECKING:
    from philae.admin.doctor import Case, Doctor
    from philae.config.forward_node import ForwardNode
    from philae.pipeline.ports import Sender

__all__ = ["S3Settings", "s3_doctor", "s3_sender"]


def s3_sender(settings: S3Settings, node: ForwardNode) -> Sender:
    """A sender; only those who send to S3 are to load its client."""
    from philae.destinations.s3.sender import S3Sender  # noqa: PLC0415 - see above

    return S3Sender(settings, node)


def s3_doctor(settings: S3Settings, case: Case) -> Doctor:
    """A doctor, loaded as late as the sender."""
    from philae.destinations.s3.doctor import S3Doctor  # noqa: PLC0415 - see above

    return S3Doctor(settings, case)
