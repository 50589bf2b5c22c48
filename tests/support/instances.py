"""Builders of the values that travel along the path."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from philae.dicom.identify import Identifiers
from philae.pipeline.model import Incoming, Instance

NOW = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)
CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
_numbers: Iterator[int] = count(1_000)


def make_incoming(sop_instance_uid: str = "1.2.3.4", **changes: str) -> Incoming:
    values = {
        "called_ae_title": "PHILAE",
        "calling_ae_title": "CT01",
        "peer_host": "10.0.0.1",
        "sop_class_uid": CT,
        "sop_instance_uid": sop_instance_uid,
        "transfer_syntax_uid": EXPLICIT_LE,
    }
    return Incoming(**{**values, **changes})


def make_instance(
    number: int | None = None,
    *,
    node: str = "PHILAE",
    sop_instance_uid: str | None = None,
    series: str = "1.2.3",
    patient_id: str = "P1",
    digest: bytes = bytes(16),
) -> Instance:
    number = next(_numbers) if number is None else number
    return Instance(
        id=number,
        node=node,
        calling_ae_title="CT01",
        peer_host="10.0.0.1",
        identifiers=Identifiers(
            sop_class_uid=CT,
            sop_instance_uid=sop_instance_uid or f"1.2.3.{number}",
            study_instance_uid="1.2",
            series_instance_uid=series,
            patient_id=patient_id,
            modality="CT",
        ),
        transfer_syntax_uid=EXPLICIT_LE,
        size=1024,
        digest=digest,
        received_at=NOW,
    )
