"""The doctor of destinations: what is examined, step by step, and what each step found out."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol

from philae.admin.declined import Missing
from philae.admin.deliveries import LARGEST_PAGE, Wanted
from philae.config.web_services import NO_SERVICES
from philae.dicom.standard.uids import uid_name
from philae.dicom.syntax import transfer_syntax

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from philae.admin.deliveries import DeliveryBook
    from philae.config.configuration import Configuration
    from philae.config.destination import Destination
    from philae.config.forward_node import ForwardNode
    from philae.config.tls import ClientTls
    from philae.config.web_services import WebServiceSettings

LIMIT_S: Final = 30.0
"""No step takes longer."""


class Verdict(StrEnum):
    """How a step went."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Said:
    """What a step found out; ``advice`` names the remedy."""

    message: str
    verdict: Verdict = Verdict.OK
    advice: str = ""


class Ill(Exception):
    """A step failed: what is wrong, and what to do about it."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to find out; ``take`` raises `Ill`."""

    name: str
    take: Callable[[], Said]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one step went, and how long it took."""

    step: str
    verdict: Verdict
    message: str
    advice: str = ""
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """A destination, and what is to be found out about it."""

    node: ForwardNode
    destination: Destination
    lately: Mapping[tuple[str, str], int]
    """How many instances of each (SOP Class UID, Transfer Syntax UID), as they leave, its forward node received lately."""
    calling_ae_title: str = ""
    """Who sent the newest of them."""
    store: bool = False
    """Whether a made-up instance is to be delivered."""
    services: WebServiceSettings = NO_SERVICES
    """With the authentications that destinations name."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a destination listens; without ``tls`` in clear."""

    host: str
    port: int
    tls: ClientTls | None = None
    patience_s: float = 10.0


class Doctor(Protocol):
    """What a kind of destination knows of its own ills."""

    @property
    def endpoint(self) -> Endpoint | None:
        """What has to be reached before anything else, if it is on the network."""

    def steps(self) -> Iterable[Step]:
        """From the most basic to the most telling; one after the other, on one thread."""

    def close(self) -> None:
        """Take leave of the destination, whatever has been found; again does no harm."""


class Examination(Protocol):
    """All the steps for one destination."""

    def steps(self) -> Iterable[Step]:
        """In order."""

    def close(self) -> None:
        """Leave nothing open."""


def case_of(configuration: Configuration, book: DeliveryBook, name: str, *, store: bool = False) -> Case:
    """The case of the destination ``NODE/NAME``. Raises `Missing` when there is none, `LedgerUnavailable`."""
    node, destination = destination_named(configuration, name)
    return replace(_case(node, destination, book, store=store), services=configuration.web_services)


def destination_named(configuration: Configuration, name: str) -> tuple[ForwardNode, Destination]:
    """The destination ``NODE/NAME`` and its forward node. Raises `Missing`."""
    for node in configuration.forward_nodes:
        for destination in node.destinations:
            if name == f"{node.ae_title}/{destination.name}":
                return node, destination
    known = [f"{node.ae_title}/{each.name}" for node in configuration.forward_nodes for each in node.destinations]
    raise Missing(f"there is no destination {name!r}; there are: {', '.join(known) or 'none'}")


def _case(node: ForwardNode, destination: Destination, book: DeliveryBook, *, store: bool) -> Case:
    newest = book.page(Wanted(node=node.ae_title), None, LARGEST_PAGE)
    instances = {each.instance_id: (each.sop_class_uid, each.transfer_syntax_uid) for each in newest}
    wanted = [pair for pair in instances.values() if not destination.sop_classes or pair[0] in destination.sop_classes]
    lately = Counter((sop_class, _sent_in(destination, sop_class, syntax)) for sop_class, syntax in wanted)
    return Case(node, destination, lately, newest[0].calling_ae_title if newest else "", store)


def _sent_in(destination: Destination, sop_class_uid: str, syntax_uid: str) -> str:
    """The transfer syntax that an instance leaves in; objects without pixels leave as they came."""
    transcoding = destination.transcoding
    has_pixels = (uid_name(sop_class_uid) or "").endswith("Image Storage")
    if transcoding.syntax_uid is None or not has_pixels:
        return syntax_uid
    stays = transcoding.only_uncompressed and transfer_syntax(syntax_uid).encapsulated
    return syntax_uid if stays else transcoding.syntax_uid


def examine(examination: Examination, limit_s: float = LIMIT_S) -> Iterator[Finding]:
    """What each step finds out, as soon as it does; after one that failed the others are skipped."""
    thread = ThreadPoolExecutor(1, "doctor")
    is_well = in_time = True
    try:
        for step in examination.steps():
            if not is_well:
                yield Finding(step.name, Verdict.SKIPPED, "not tried, because of what failed before")
                continue
            finding = _taken(thread, step, limit_s)
            is_well = finding.verdict is not Verdict.FAILED
            in_time = finding.ms < limit_s * 1e3
            yield finding
    finally:
        thread.submit(examination.close)
        thread.shutdown(wait=in_time)


def is_healthy(findings: Sequence[Finding]) -> bool:
    """Whether no step failed."""
    return all(each.verdict is not Verdict.FAILED for each in findings)


def as_document(case: Case, findings: Sequence[Finding]) -> dict[str, object]:
    """For programs."""
    return {
        "node": case.node.ae_title,
        "destination": case.destination.name,
        "kind": case.destination.settings.kind,
        "healthy": is_healthy(findings),
        "findings": [asdict(each) for each in findings],
    }


def _taken(thread: ThreadPoolExecutor, step: Step, limit_s: float) -> Finding:
    began = perf_counter()
    try:
        said = thread.submit(step.take).result(limit_s)
    except Ill as ill:
        said = Said(str(ill), Verdict.FAILED, ill.advice)
    except TimeoutError:
        said = Said(f"no end within {limit_s:g} s", Verdict.FAILED, "see whether the receiver hangs; its log may say")
    return Finding(step.name, said.verdict, said.message, said.advice, round((perf_counter() - began) * 1e3, 1))
