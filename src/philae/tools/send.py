"""C-STORE of files: contexts from what they hold, every answer in words."""

from __future__ import annotations

import queue
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from philae.admin.instance_file import DirectoryFile, InstanceFile
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
    if not (found.sop_class_uid and found.sop_instance_uid):
        return Answer(path, Sent.NOT_STORED, "it has no SOP Class UID or no SOP Instance UID")
    return Candidate(path, found.sop_class_uid, found.sop_instance_uid, encoded.syntax.uid)


def send(candidates: Collection[Candidate], address: Address, associations: int) -> Iterator[Answer]:
    """Send over ``associations`` at once and yield the answers as they come, one for each candidate."""
    shares = [list(share) for share in _shares(candidates, associations)]
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    for share in shares:
        Thread(target=_send_share, args=(share, address, answers), daemon=True).start()
    for _ in range(len(candidates)):
        yield answers.get()


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
