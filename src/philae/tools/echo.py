"""C-ECHO: does a peer answer, and how quickly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE
from philae.dimse.requestor import Association, ProposedContext
from philae.dimse.sop_classes import VERIFICATION

if TYPE_CHECKING:
    from philae.dimse.address import Address

_SYNTAXES: Final = (EXPLICIT_LE.uid, IMPLICIT_LE.uid)


@dataclass(frozen=True, slots=True)
class Echo:
    """A peer's answer, and how long it took to open the association and to answer, in milliseconds."""

    status: int
    comment: str
    association_ms: float
    answer_ms: float
    implementation: str = ""
    """The peer's implementation version name, or else its class UID."""


def echo(address: Address) -> Echo | None:
    """The peer's answer; None when it takes the association, not the service. Raises `DimseError`."""
    began = time.perf_counter()
    with Association.connect(address, [ProposedContext(VERIFICATION, _SYNTAXES)]) as association:
        opened = time.perf_counter()
        if not association.contexts:
            return None
        status = association.echo()
        answered = time.perf_counter()
        peer = association.peer
    implementation = peer.implementation_version_name or peer.implementation_class_uid
    return Echo(status.code, status.comment, (opened - began) * 1e3, (answered - opened) * 1e3, implementation)
