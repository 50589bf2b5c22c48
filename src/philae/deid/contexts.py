"""What planning an instance begins with: what its head says, and the context of its patient in the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.actions import Keep
from philae.deid.confidentiality.cleaner import Cleaner
from philae.deid.confidentiality.own_identifiers import NO_IDENTIFIERS, IdentifierReader, OwnIdentifiers
from philae.deid.context import Context, Knowledge, Uids
from philae.deid.dates import clock_of
from philae.deid.deciding import SOP_CLASS_UID
from philae.deid.errors import DeidError, MissingPatientId
from philae.deid.methods import OPTIONS
from philae.deid.question import Question
from philae.dicom.pick import Picker
from philae.dicom.standard.confidentiality import Option
from philae.dicom.values import ASCII, Codecs, codecs_of, first_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from philae.deid.keys import Keys
    from philae.deid.levels import Level
    from philae.deid.methods import MethodCode
    from philae.deid.profile import Project
    from philae.dicom.layout import Layout
    from philae.dicom.scan import Encoded

_CHARACTER_SET: Final = 0x00080005
_OFFSET_FROM_UTC: Final = 0x00080201
_PATIENT_ID: Final = 0x00100020
_FILE_SET_ID: Final = 0x00041130  # type 2 in a DICOMDIR, nowhere else (PS3.3 F.3.2.1)
_HEAD: Final = Picker((_FILE_SET_ID, _CHARACTER_SET, SOP_CLASS_UID, _OFFSET_FROM_UTC, _PATIENT_ID))
_KNOWN_LIMIT: Final = 16


class Head(NamedTuple):
    """What planning needs before its first decision, as encoded; empty where absent."""

    character_set: bytes
    sop_class_uid: bytes
    patient_id: bytes
    offset_from_utc: bytes
    own: OwnIdentifiers = NO_IDENTIFIERS


class Contexts:
    """The contexts of the last patients of a project. Safe for many threads."""

    def __init__(self, project: Project, keys: Keys, knowledge: Knowledge, methods: Collection[MethodCode]) -> None:
        self._project = project
        self._uids = Uids(keys)
        self._identifiers = IdentifierReader() if Knowledge.IDENTIFIERS in knowledge else None
        self._keeps_dates = OPTIONS[Option.RETAIN_LONGITUDINAL_FULL_DATES] in methods
        self._keeps_uids = OPTIONS[Option.RETAIN_UIDS] in methods
        self._known: dict[tuple[str | None, Head, Layout, bool], Context] = {}

    def clear(self) -> None:
        """Forget all; whoever holds a context may go on with it."""
        self._known = {}

    def head(self, encoded: Encoded, layout: Layout) -> Head:
        """The head of an instance. Raises `DeidError` for a DICOMDIR, `MalformedDataset`."""
        found: dict[int, bytes] = {}
        _HEAD.pick(encoded.source, encoded.start, encoded.end, layout, found)
        if _FILE_SET_ID in found:
            raise DeidError("this is a DICOMDIR, an index of other instances; leave it out and make a new one")
        return Head(
            found.get(_CHARACTER_SET, b""),
            found.get(SOP_CLASS_UID, b""),
            found.get(_PATIENT_ID, b""),
            found.get(_OFFSET_FROM_UTC, b""),
            NO_IDENTIFIERS if self._identifiers is None else self._identifiers.read(encoded, layout),
        )

    def of(self, head: Head, layout: Layout, level: Level, pseudonym: str | None, *, writes_ascii: bool) -> Context:
        """The context of an instance whose top level is ``level``. Raises `MissingPatientId` if it has a pseudonym."""
        key = (pseudonym, head, layout, writes_ascii)
        context = self._known.get(key)
        if context is None:
            if len(self._known) >= _KNOWN_LIMIT:
                self._known = {}
            context = self._known[key] = self._new(head, level, pseudonym, writes_ascii=writes_ascii)
        return context

    def _new(self, head: Head, level: Level, pseudonym: str | None, *, writes_ascii: bool) -> Context:
        codecs = codecs_of(head.character_set.decode("latin-1"))
        patient_id = first_text(head.patient_id, codecs)
        if not patient_id and pseudonym is not None:
            raise MissingPatientId
        answers = [action for _, action in level.chain(_CHARACTER_SET, "CS")]
        is_kept = not writes_ascii and all(isinstance(action, (Keep, Question)) for action in answers)
        return Context(
            self._uids,
            patient_id,
            codecs,
            codecs if is_kept else ASCII,
            self._project.compat_karnak,
            clock_of(self._project.zone, first_text(head.offset_from_utc)),
            is_kept and any(isinstance(action, Question) for action in answers),
            None if self._identifiers is None else self._cleaner(head.own, codecs),
        )

    def _cleaner(self, own: OwnIdentifiers, codecs: Codecs) -> Cleaner:
        return Cleaner(own, codecs, keeps_dates=self._keeps_dates, keeps_uids=self._keeps_uids)
