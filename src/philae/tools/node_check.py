"""How a DICOM node stands: the network to it, and C-ECHO; each step with its time and advice."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Final

from philae.admin.doctor import Ill, Said, Step, Verdict
from philae.dicom.status import store_status
from philae.dimse.errors import AssociationRejected, ConnectFailed, DimseError, Timeout
from philae.dimse.limits import Timeouts
from philae.tools.echo import echo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from philae.dimse.address import Address

TRIES: Final = 4
TIMEOUTS: Final = Timeouts(connect_s=3.0, associate_s=5.0, response_s=5.0)


@dataclass(frozen=True, slots=True)
class NodeCheck:
    """`philae.admin.doctor.Examination` of a node; ``reach`` are the steps until a connection is made."""

    address: Address
    reach: Callable[[], Iterable[Step]] = tuple

    def steps(self) -> Iterator[Step]:
        """From the network to the service."""
        yield from self.reach()
        yield Step("network", lambda: network(self.address))
        yield Step("C-ECHO", lambda: verification(self.address))

    def close(self) -> None:
        """Nothing stays open."""


def network(address: Address) -> Said:
    """How long connecting takes, in several tries. Raises `Ill` when none succeeds."""
    times = [each for each in (_connect_ms(address) for _ in range(TRIES)) if each is not None]
    lost = 100 * (TRIES - len(times)) // TRIES
    if not times:
        raise Ill(f"no connection in {TRIES} tries", "see whether host and port are right, and a firewall between")
    mean = sum(times) / len(times)
    words = (
        f"{TRIES} connections: {min(times):.1f} / {mean:.1f} / {max(times):.1f} ms (least / mean / most), {lost} % lost"
    )
    if lost:
        return Said(
            words, Verdict.WARNING, "the network loses connections: look for overload, or a firewall that counts"
        )
    return Said(words)


def verification(address: Address) -> Said:
    """What the peer answers to C-ECHO. Raises `Ill`."""
    try:
        answer = echo(replace(address, timeouts=TIMEOUTS))
    except DimseError as error:
        raise Ill(str(error), advice_for(error)) from error
    if answer is None:
        advice = "it may take instances all the same; ask for Verification to be enabled"
        return Said("the node takes the association, not the Verification service", Verdict.WARNING, advice)
    words = f"{store_status(answer.status)}{f': {answer.comment}' if answer.comment else ''}"
    if answer.status:
        raise Ill(f"the node answers {words}", "its log says why it refuses C-ECHO")
    times = f"association {answer.association_ms:.1f} ms, answer {answer.answer_ms:.1f} ms"
    return Said(f"{words}; {times}{f'; {answer.implementation}' if answer.implementation else ''}")


def advice_for(error: DimseError) -> str:
    """What to do about it; a rejection names its own remedy."""
    match error:
        case AssociationRejected():
            return ""
        case ConnectFailed():
            return "see whether host and port are right, and that the node's DICOM service runs"
        case Timeout():
            return "something listens there that does not speak DICOM, or that hangs: check the port, see its log"
    return "see the node's log; TLS on a port without, or the reverse, ends like this"


def _connect_ms(address: Address) -> float | None:
    began = perf_counter()
    try:
        socket.create_connection((address.host, address.port), TIMEOUTS.connect_s).close()
    except (OSError, UnicodeError):
        return None
    return (perf_counter() - began) * 1e3
