"""What rewriting a value may depend on besides the value: the patient, the keys, the character set."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Flag, auto
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.dates import DEFAULT_CLOCK, Clock
from philae.deid.shifts import DUMMY_RANGE, Shift
from philae.dicom.values import ASCII, Codecs, first_value

if TYPE_CHECKING:
    from philae.deid.confidentiality.cleaner import Cleaner
    from philae.deid.keys import Keys
    from philae.deid.methods import MethodCode
    from philae.dicom.splice import Edit

_UIDS_KEPT: Final = 1 << 16
_MEMO_BYTES: Final = 2 << 20


class Place(NamedTuple):
    """Where an element stands. ``path`` holds the tags of the enclosing sequences, outermost first.

    ``creator`` owns the block of a private element, ``concept`` is what the content item around it is about, as
    (scheme, code); both empty where unknown or where no profile element needs to know.
    """

    tag: int
    vr: str
    path: tuple[int, ...]
    sop_class_uid: str
    creator: str = ""
    concept: tuple[str, str] = ("", "")


class Knowledge(Flag):
    """What a profile element needs to know beyond a place's tags, VR and SOP class."""

    NOTHING = 0
    CREATORS = auto()
    CONCEPTS = auto()
    IDENTIFIERS = auto()
    """The instance's own, to clean text of them."""


class Value(NamedTuple):
    """A value as encoded, with what it takes to read it."""

    raw: bytes
    vr: str
    codecs: Codecs = ASCII
    big_endian: bool = False
    midnights: int = 0
    """How many midnights the time that goes with this date crosses on its way back."""

    @property
    def text(self) -> str:
        """The first value as text, empty when there is none."""
        return first_value(self.raw, self.vr, self.codecs, big_endian=self.big_endian)


class Uids:
    """Old UIDs and what they become, remembered within bounds. Shared by threads: a race costs a second hash."""

    __slots__ = ("_known", "keys")

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._known: dict[str, str] = {}

    def new(self, uid: str) -> str:
        """The UID that stands for ``uid`` in this project."""
        new = self._known.get(uid)
        if new is None:
            new = self.keys.uid(uid)
            if len(self._known) >= _UIDS_KEPT:
                self._known.clear()
            self._known[uid] = new
        return new


@dataclass(eq=False)
class Context:
    """One patient in one project. Keeps what repeated elements became, in memory only and within bounds."""

    uids: Uids
    patient_id: str
    codecs: Codecs
    """Of the text that arrives."""
    output_codecs: Codecs
    """Of the text that we write."""
    compat_karnak: bool
    clock: Clock = DEFAULT_CLOCK
    """How to read and tell date times."""
    hopes_for_character_set: bool = False
    """Whether ``output_codecs`` only hold if the answers to questions leave Specific Character Set as it is."""
    cleaner: Cleaner | None = None
    """Takes the instance's own identifiers out of text, where a profile element wants that."""
    attributes: dict[tuple[MethodCode, ...], tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    """The default attributes, encoded, by the methods that they name; see `attributes`."""
    values: dict[tuple[object, bytes], bytes] = field(default_factory=dict, repr=False)
    """What elements became, by decision and encoded element."""
    sequences: dict[tuple[object, bytes], tuple[int, tuple[Edit, ...]]] = field(default_factory=dict, repr=False)
    """How much longer sequences became, and their edits as if they began at offset 0."""
    _memo_bytes: int = 0

    @cached_property
    def fraction(self) -> float:
        """Where in their ranges the shifts of this patient lie."""
        return self.uids.keys.fraction(self.patient_id)

    @cached_property
    def dummy_shift(self) -> Shift:
        return DUMMY_RANGE.at(self.fraction)

    def remember_value(self, decision: object, element: bytes, new: bytes) -> bytes:
        """Keep what an element became, and return it."""
        self._make_room(len(element) + len(new))
        self.values[decision, element] = new
        return new

    def remember_sequence(self, decision: object, element: bytes, change: int, edits: tuple[Edit, ...]) -> None:
        """Keep what a sequence became."""
        self._make_room(len(element) + 256 * len(edits))
        self.sequences[decision, element] = (change, edits)

    def _make_room(self, size: int) -> None:
        self._memo_bytes += size + 256
        if self._memo_bytes > _MEMO_BYTES:
            self.values.clear()
            self.sequences.clear()
            self._memo_bytes = 0
