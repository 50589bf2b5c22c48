"""The identifiers that an instance came with, as the bytes by which they would be found again."""

from __future__ import annotations

from enum import Enum
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.dicom.standard.uids import is_well_known
from philae.dicom.values import Codecs, decode_text, stripped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Sort(Enum):
    """What an identifier is: it says in which values the same characters mean something else."""

    NAME = "name"
    ID = "ID"
    UID = "UID"


NAMES: Final = frozenset({0x00100010, 0x00101001, 0x00101005, 0x00101060, 0x00102297})
"""Patient's Name, Other Patient Names, Birth Name, Mother's Birth Name, Responsible Person."""
IDS: Final = frozenset(
    {
        0x00080050,  # Accession Number
        0x00100020,  # Patient ID, also in Other Patient IDs Sequence
        0x00101000,  # Other Patient IDs
        0x00101090,  # Medical Record Locator
        0x00200010,  # Study ID
        0x00380010,  # Admission ID
        0x00380060,  # Service Episode ID
        0x00400009,  # Scheduled Procedure Step ID
        0x00400253,  # Performed Procedure Step ID
        0x00401001,  # Requested Procedure ID
        0x00402016,  # Placer Order Number
        0x00402017,  # Filler Order Number
    }
)
UIDS: Final = frozenset({0x00080018, 0x0020000D, 0x0020000E, 0x00200052})
"""SOP Instance, Study Instance, Series Instance and Frame of Reference UID."""
IDENTIFYING: Final = NAMES | IDS | UIDS

SHORTEST: Final = 4
_PROBE: Final = 14
_IDEOGRAPHS: Final = "\u2e80"
_SAY_NOTHING: Final = frozenset({"unknown", "anonymous", "anonymized", "anonymised", "none", "null"})
_EVERYWHERE: Final = ("utf-8", "latin-1")
"""Codecs that text may be in whatever (0008,0005) says: private elements and documents follow their own rules."""
_TO_ASCII: Final = b"\x1b(b"


class Identifier(NamedTuple):
    """One original identifier: where it stood, and its bytes in lower case.

    ``probe`` is a part of the needle that others share: one search for it rules out all UIDs of one maker or site, or
    every spelling that one name is part of.
    """

    tag: int
    sort: Sort
    needle: bytes
    probe: bytes


def sort_of(tag: int, vr: str) -> Sort | None:
    """What identifiers an element of this tag holds; None if it is not known to hold any."""
    if vr == "UI" or tag in UIDS:
        return Sort.UID
    if tag in NAMES:
        return Sort.NAME
    return Sort.ID if tag in IDS else None


def identifiers_in(tag: int, sort: Sort, raw: bytes, codecs: Codecs) -> tuple[Identifier, ...]:
    """The identifiers in one value, in every spelling that is looked for; too short or common ones left out."""
    if sort is Sort.UID:
        uids = (stripped(uid) for uid in decode_text(raw).split("\\"))
        needles = [uid.encode("latin-1") for uid in uids if len(uid) >= SHORTEST and not is_well_known(uid)]
    else:
        values = [stripped(text) for text in decode_text(raw, codecs).split("\\")]
        texts = {text for value in values for text in (_names(value) if sort is Sort.NAME else (value,))}
        needles = sorted(_encodings(filter(_says_something, texts), codecs), key=lambda needle: (len(needle), needle))
    parts = ((needle, next(part for part in needles if part in needle)) for needle in needles)
    return tuple(Identifier(tag, sort, needle, part[:_PROBE]) for needle, part in parts)


def _names(value: str) -> Iterator[str]:
    """A person name whole, its components, and short ones joined as people write them."""
    for group in value.split("="):
        components = [stripped(component) for component in group.split("^")]
        yield from (part for component in components for part in {component, *component.split()})
        yield "^".join(components).rstrip("^")
        family, given = (*components, "", "")[:2]
        if family and given and max(len(family), len(given)) < SHORTEST:
            yield from (f"{family} {given}", f"{given} {family}", f"{family}, {given}", f"{given}.{family}")


def _says_something(text: str) -> bool:
    """Whether the text is long enough to tell one patient from another; an ideograph counts as two letters."""
    length = sum(2 if character >= _IDEOGRAPHS else 1 for character in text)
    return length >= SHORTEST and text.casefold() not in _SAY_NOTHING and len(set(text)) > 1


def _encodings(texts: Iterable[str], codecs: Codecs) -> set[bytes]:
    """The texts as bytes in every character set that may occur, ASCII letters in lower case."""
    found: set[bytes] = set()
    for text in texts:
        if text.isascii():
            found.add(text.lower().encode("ascii"))
            continue
        for spelling, codec in product({text, text.lower(), text.upper()}, {*codecs, *_EVERYWHERE}):
            try:
                encoded = spelling.encode(codec)
            except UnicodeEncodeError:
                continue
            found.add(encoded.lower().removesuffix(_TO_ASCII))
    return found
