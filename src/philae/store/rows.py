"""How accepted instances look as rows, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from xxhash import xxh3_64_intdigest

from philae.dicom.identify import Identifiers
from philae.pipeline.model import Instance
from philae.store.moments import microseconds, moment
from philae.store.tables.instances import SLOTS, instance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_IDENTIFIERS: Final = (
    "sop_class_uid",
    "sop_instance_uid",
    "study_instance_uid",
    "series_instance_uid",
    "patient_id",
    "issuer_of_patient_id",
    "modality",
    "accession_number",
)
_OWN: Final = ("id", "node", "calling_ae_title", "peer_host", "transfer_syntax_uid", "size", "digest", "received_at")
COLUMNS: Final = tuple(instance.c[name] for name in (*_OWN, *_IDENTIFIERS))
"""What `instance_of` reads, in this order."""


def row_of(each: Instance) -> Mapping[str, Any]:
    """The row of an instance, without ``repeat``, which the database finds out."""
    found = each.identifiers
    sop_instance_uid = storable(found.sop_instance_uid)
    return {
        "id": each.id,
        "node": storable(each.node),
        "calling_ae_title": storable(each.calling_ae_title),
        "peer_host": storable(each.peer_host),
        "sop_class_uid": storable(found.sop_class_uid),
        "sop_instance_uid": sop_instance_uid,
        "study_instance_uid": storable(found.study_instance_uid),
        "series_instance_uid": storable(found.series_instance_uid),
        "patient_id": storable(found.patient_id),
        "issuer_of_patient_id": storable(found.issuer_of_patient_id),
        "modality": storable(found.modality),
        "accession_number": storable(found.accession_number),
        "transfer_syntax_uid": storable(each.transfer_syntax_uid),
        "size": each.size,
        "digest": each.digest,
        "received_at": microseconds(each.received_at),
        "uid_key": uid_key(each.node, sop_instance_uid),
    }


def uid_key(node: str, sop_instance_uid: str) -> int:
    """By which an instance is found from its storable UID at a forward node."""
    return xxh3_64_intdigest(f"{node}\\{sop_instance_uid}".encode()) - (1 << 63)


def instance_of(row: Sequence[Any]) -> Instance:
    """The instance of a row that begins with ``COLUMNS``."""
    number, node, calling_ae_title, peer_host, transfer_syntax_uid, size, digest, received_at = row[: len(_OWN)]
    return Instance(
        id=number,
        node=node,
        calling_ae_title=calling_ae_title,
        peer_host=peer_host,
        identifiers=Identifiers(*row[len(_OWN) : len(COLUMNS)]),
        transfer_syntax_uid=transfer_syntax_uid,
        size=size,
        digest=bytes(digest),
        received_at=moment(received_at),
    )


def slot_of(each: Instance) -> int:
    """The slot that an instance's series falls on; the same in every process and release."""
    found = each.identifiers
    ordered = found.series_instance_uid or found.study_instance_uid or found.sop_instance_uid
    return xxh3_64_intdigest(storable(ordered).encode()) % SLOTS


def storable(value: str) -> str:
    """What both databases can store: no NUL, no half of a surrogate pair."""
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode()
    return value.replace("\0", "") if "\0" in value else value
