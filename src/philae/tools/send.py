"""C-STORE of files: contexts from what they hold, every answer in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Final

from pydicom.uid import UID

from philae.deid.files.instance_file import DirectoryFile, InstanceFile, is_uid
from philae.dicom.part10 import NotDicom
from philae.dicom.scan import MalformedDataset, identify
from philae.dicom.splice import Span
from philae.dicom.status import store_status
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_LE, IMPLICIT_LE, transfer_syntax
from philae.dimse.errors import DimseError
from philae.dimse.requestor import Association, ProposedContext
from philae.pipeline.body import Body
from philae.pipeline.recoded import recoded

if TYPE_CHECKING:
    from philae.dimse.address import Address

MAX_CONTEXTS: Final = 128
_RECODABLE: Final = (EXPLICIT_LE.uid, IMPLICIT_LE.uid)
_FROM: Final = (*_RECODABLE, DEFLATED_LE.uid)


class Sent(StrEnum):
    """What became of a file."""

    STORED = "stored"
    WARNING = "warning"
    """Stored, with a warning."""
    NOT_STORED = "not_stored"
    NOT_DICOM = "not_dicom"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that can be sent, and what a presentation context must take for it."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    syntax_uid: str

    @property
    def alternatives(self) -> tuple[tuple[str, str], ...]:
        """(SOP Class UID, Transfer Syntax UID) pairs that it can be sent as, the one it has first."""
        others = (uid for uid in _RECODABLE if self.syntax_uid in _FROM and uid != self.syntax_uid)
        return tuple((self.sop_class_uid, uid) for uid in (self.syntax_uid, *others))


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a file, in words; ``status`` is None when the peer said nothing of it."""

    path: Path
    sent: Sent
    words: str
    sop_instance_uid: str = ""
    status: int | None = None


def examine(path: Path) -> Candidate | Answer:
    """What a file holds, or why it cannot be sent."""
    try:
        with InstanceFile(path) as file:
            encoded = file.encoded
            found = identify(encoded.source, encoded.start, encoded.end, encoded.syntax, complete=True)
    except NotDicom as error:
        return Answer(path, Sent.NOT_DICOM, f"no DICOM file: {error}")
    except (DirectoryFile, MalformedDataset) as error:
        return Answer(path, Sent.NOT_STORED, str(error))
    except OSError as error:
        return Answer(path, Sent.NOT_STORED, f"cannot be read: {error.strerror}")
    if not (is_uid(found.sop_class_uid) and is_uid(found.sop_instance_uid)):
        return Answer(path, Sent.NOT_STORED, "its SOP Class UID or SOP Instance UID is missing or no UID")
    return Candidate(path, found.sop_class_uid, found.sop_instance_uid, encoded.syntax.uid)


def send(candidates: Collection[Candidate], address: Address, associations: int) -> Iterator[Answer]:
    """Send over up to ``associations`` at once and yield the answers as they come, one for each candidate.

    Each association works off its share in order. Closing the iterator ends them after the instance in hand.
    """
    answers: SimpleQueue[Answer | None] = SimpleQueue()
    stopping = Event()
    with ThreadPoolExecutor(associations) as pool:
        shares = [
            pool.submit(_send_share, share, address, answers, stopping) for share in _shares(candidates, associations)
        ]
        try:
            under_way = len(shares)
            while under_way:
                answer = answers.get()
                if answer is None:
                    under_way -= 1
                else:
                    yield answer
        finally:
            stopping.set()
        for share in shares:
            share.result()


def planned(candidates: Iterable[Candidate]) -> list[list[Candidate]]:
    """Candidates in groups, each of which fits one association's presentation contexts."""
    by_need: dict[tuple[tuple[str, str], ...], list[Candidate]] = {}
    for candidate in candidates:
        by_need.setdefault(candidate.alternatives, []).append(candidate)
    groups: list[list[Candidate]] = []
    contexts: set[tuple[str, str]] = set()
    for need, several in by_need.items():
        if not groups or len(contexts.union(need)) > MAX_CONTEXTS:
            groups.append([])
            contexts = set()
        contexts.update(need)
        groups[-1] += several
    return groups


def _shares(candidates: Collection[Candidate], count: int) -> Iterator[Sequence[Candidate]]:
    """Consecutive runs of candidates, about equally long."""
    ordered = list(candidates)
    size = -(-len(ordered) // count) or 1
    return (ordered[start : start + size] for start in range(0, len(ordered), size))


def _send_share(
    share: Sequence[Candidate], address: Address, answers: SimpleQueue[Answer | None], stopping: Event
) -> None:
    try:
        for group in planned(share):
            link = _Link(address, group)
            try:
                for candidate in group:
                    if stopping.is_set():
                        return
                    answers.put(link.store(candidate))
            finally:
                link.close()
    finally:
        answers.put(None)


class _Link:
    """An association with the contexts of one group: opened when first needed, opened anew after it broke."""

    def __init__(self, address: Address, group: Iterable[Candidate]) -> None:
        self._address = address
        pairs = {pair: None for candidate in group for pair in candidate.alternatives}
        self._contexts = [ProposedContext(sop_class_uid, (syntax_uid,)) for sop_class_uid, syntax_uid in pairs]
        self._association: Association | None = None
        self._unreachable = ""

    def store(self, candidate: Candidate) -> Answer:
        """Send one instance and wait for the answer."""
        if self._unreachable:
            return _not_stored(candidate, self._unreachable)
        try:
            return self._stored(candidate)
        except DimseError as error:
            self._drop()
            return _not_stored(candidate, str(error))
        except (NotDicom, DirectoryFile, MalformedDataset, OSError) as error:
            return _not_stored(candidate, str(error))

    def close(self) -> None:
        """Take leave of the peer."""
        if self._association is not None:
            self._association.release()
            self._association = None

    def _stored(self, candidate: Candidate) -> Answer:
        association = self._associated()
        if association is None:
            return _not_stored(candidate, self._unreachable)
        chosen = _chosen(association, candidate)
        if chosen is None:
            return _not_stored(candidate, _not_accepted(candidate))
        context_id, syntax_uid = chosen
        with InstanceFile(candidate.path) as file:
            body = _body(file, candidate, syntax_uid)
            association.send_store(
                context_id, candidate.sop_class_uid, candidate.sop_instance_uid, body.buffers(), length=body.length
            )
        response = association.store_response()
        status = store_status(response.status)
        words = f"{status}: {response.comment}" if response.comment else str(status)
        sent = Sent.NOT_STORED if not status.stored else Sent.WARNING if status.code else Sent.STORED
        return Answer(candidate.path, sent, words, candidate.sop_instance_uid, status.code)

    def _associated(self) -> Association | None:
        if self._association is None or not self._association.is_open:
            self._drop()
            try:
                self._association = Association.connect(self._address, self._contexts)
            except DimseError as error:
                self._unreachable = str(error)
        return self._association

    def _drop(self) -> None:
        if self._association is not None:
            self._association.abort()
            self._association = None


def _chosen(association: Association, candidate: Candidate) -> tuple[int, str] | None:
    for sop_class_uid, syntax_uid in candidate.alternatives:
        context_id = association.context_for(sop_class_uid, syntax_uid)
        if context_id is not None:
            return context_id, syntax_uid
    return None


def _body(file: InstanceFile, candidate: Candidate, syntax_uid: str) -> Body:
    encoded = file.encoded
    body = Body(file, (Span(encoded.start, encoded.end),))
    if syntax_uid == candidate.syntax_uid:
        return body
    return recoded(body, encoded.syntax, transfer_syntax(syntax_uid))


def _not_accepted(candidate: Candidate) -> str:
    syntaxes = " or ".join(transfer_syntax(uid).name for _, uid in candidate.alternatives)
    return f"the peer accepts no presentation context for {UID(candidate.sop_class_uid).name} in {syntaxes}"


def _not_stored(candidate: Candidate, words: str) -> Answer:
    return Answer(candidate.path, Sent.NOT_STORED, words, candidate.sop_instance_uid)
