"""What a DICOM node would take: one association that proposes much and sends nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from philae.dicom.standard.uids import uid_name
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE
from philae.dimse.requestor import Association, ProposedContext
from philae.dimse.sop_classes import VERIFICATION
from philae.tools.node_check import TIMEOUTS

if TYPE_CHECKING:
    from philae.dimse.address import Address

STORAGE: Final = (
    "1.2.840.10008.5.1.4.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.2",
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.4",
    "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.20",
    "1.2.840.10008.5.1.4.1.1.128",
    "1.2.840.10008.5.1.4.1.1.88.22",
)
"""CR, DX, MG, CT, MR, US, Secondary Capture, NM, PET, Enhanced SR."""
SYNTAXES: Final = {
    IMPLICIT_LE.uid: "Implicit VR",
    EXPLICIT_LE.uid: "Explicit VR",
    "1.2.840.10008.1.2.4.50": "JPEG Baseline",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless",
    "1.2.840.10008.1.2.4.80": "JPEG-LS",
    "1.2.840.10008.1.2.4.90": "JPEG 2000",
    "1.2.840.10008.1.2.5": "RLE",
}
"""What storage is asked for in, in few words."""
SERVICES: Final = (
    VERIFICATION,
    "1.2.840.10008.5.1.4.1.2.1.1",
    "1.2.840.10008.5.1.4.1.2.1.2",
    "1.2.840.10008.5.1.4.1.2.2.1",
    "1.2.840.10008.5.1.4.1.2.2.2",
    "1.2.840.10008.5.1.4.31",
    "1.2.840.10008.1.20.1",
)
"""C-ECHO, query and retrieve by patient and by study, worklist, storage commitment."""
_UNCOMPRESSED: Final = (IMPLICIT_LE.uid, EXPLICIT_LE.uid)


@dataclass(frozen=True, slots=True)
class Taken:
    """A SOP class, and the transfer syntaxes in which the node takes it; none if it does not."""

    name: str
    uid: str
    syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a node says of itself, and what it takes."""

    implementation: str
    implementation_class_uid: str
    max_pdu_length: int
    """0 is no limit."""
    association_ms: float
    storage: tuple[Taken, ...]
    services: tuple[Taken, ...]


def probe(address: Address) -> Capabilities:
    """Ask for each storage class in each transfer syntax, one presentation context each. Raises `DimseError`."""
    proposed = [ProposedContext(uid, (syntax,)) for uid in STORAGE for syntax in SYNTAXES]
    proposed += [ProposedContext(uid, _UNCOMPRESSED) for uid in SERVICES]
    began = time.perf_counter()
    with Association.connect(replace(address, timeouts=TIMEOUTS), proposed) as association:
        took_ms = (time.perf_counter() - began) * 1e3
        accepted = tuple((each.abstract_syntax, each.transfer_syntax) for each in association.contexts.values())
        peer = association.peer
    return Capabilities(
        peer.implementation_version_name,
        peer.implementation_class_uid,
        peer.max_pdu_length,
        took_ms,
        tuple(_taken(uid, accepted) for uid in STORAGE),
        tuple(_taken(uid, accepted) for uid in SERVICES),
    )


def _taken(uid: str, accepted: tuple[tuple[str, str], ...]) -> Taken:
    return Taken(uid_name(uid) or uid, uid, tuple(syntax for each, syntax in accepted if each == uid))
