"""What identifies the persons and the request behind one instance, wherever in it that stands."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.identifiers import IDS, NAMES
from philae.dicom.headers import Buffer, MalformedDataset, end_of_undefined, read_header
from philae.dicom.layout import IMPLICIT, ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, Layout
from philae.dicom.scan import MAX_DEPTH
from philae.dicom.standard.dictionary import vr_of
from philae.dicom.tags import is_private

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.dicom.scan import Encoded

_CONTACT: Final = frozenset({0x00101040, 0x00102154, 0x00102155})  # the patient's address, telephone, e-mail
_MADE_UP: Final = frozenset({0x00120040, 0x00120042})  # Clinical Trial Subject (Reading) ID: pseudonyms
_BIRTH_DATES: Final = frozenset({0x00100030, 0x00100033, 0x00100034})
_SKIP, _LOOK, _ITEMS, _NAME, _ID, _BIRTH, _DATE = range(7)
_SORTS: Final = (_NAME, _ID, _BIRTH, _DATE)
_LONGEST: Final = 1024
_TABLE_LIMIT: Final = 1 << 12
_NO_ITEMS: Final[tuple[tuple[type[Exception], ...], ...]] = ((), (MalformedDataset,))
"""What is expected of bytes that only may be items."""


class OwnIdentifiers(NamedTuple):
    """Values as encoded, each once, in no particular order of the dataset: equal for most instances of a series."""

    names: tuple[bytes, ...] = ()
    ids: tuple[bytes, ...] = ()
    birth_dates: tuple[bytes, ...] = ()
    dates: tuple[bytes, ...] = ()
    """Other dates."""


NO_IDENTIFIERS: Final = OwnIdentifiers()


class IdentifierReader:
    """Collects own identifiers. Make one and keep it: it learns what each header means."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: dict[Layout, dict[bytes, int]] = {}

    def read(self, encoded: Encoded, layout: Layout) -> OwnIdentifiers:
        """The identifiers at any depth. Raises `MalformedDataset`."""
        found: dict[int, set[bytes]] = {sort: set() for sort in _SORTS}
        self._dataset(encoded.source, encoded.start, encoded.end, layout, found, 0)
        return OwnIdentifiers(*(_sorted(found[sort]) for sort in _SORTS))

    def _dataset(
        self, source: Buffer, position: int, end: int, layout: Layout, found: dict[int, set[bytes]], depth: int
    ) -> int:
        steps = self._steps.setdefault(layout, {})
        unpack = layout.head.unpack_from
        while position + 8 <= end:
            key, length = unpack(source, position)
            step = steps.get(key)
            if step is None:
                step = self._learnt(steps, key, layout)
            if step == _SKIP:
                position += 8 + length
                continue
            tag, vr, value, length = read_header(source, position, end, layout)
            if tag == ITEM_END:
                return value
            position = value + length
            if length == UNDEFINED:
                position = end_of_undefined(source, value, end, layout, tag, vr or "SQ")
            if step == _ITEMS and depth < MAX_DEPTH:
                inside = IMPLICIT if vr == "UN" else layout
                with suppress(*_NO_ITEMS[vr == "UN" and length != UNDEFINED]):
                    self._items(source, value, position, inside, found, depth)
            elif step in _SORTS and length <= _LONGEST:
                found[step].add(bytes(source[value:position]))
        return position

    def _items(
        self, source: Buffer, position: int, end: int, layout: Layout, found: dict[int, set[bytes]], depth: int
    ) -> None:
        while position + 8 <= end:
            group, element = layout.tag.unpack_from(source, position)
            (length,) = layout.u32.unpack_from(source, position + 4)
            tag, position = group << 16 | element, position + 8
            if tag == SEQUENCE_END or tag != ITEM:
                return
            behind = end if length == UNDEFINED else min(end, position + length)
            position = self._dataset(source, position, behind, layout, found, depth + 1)

    def _learnt(self, steps: dict[bytes, int], key: bytes, layout: Layout) -> int:
        tag, vr, header_length = layout.describe(key)
        step = _step(tag, vr)
        if step == _SKIP and header_length != 8:
            step = _LOOK
        if len(steps) < _TABLE_LIMIT:
            steps[key] = step
        return step


def _step(tag: int, vr: str) -> int:
    if vr == "UN" and not is_private(tag):
        vr = vr_of(tag) or vr
    if vr in ("SQ", "UN"):
        return _ITEMS
    if vr == "PN" or tag in NAMES:
        return _NAME
    if tag in IDS or tag in _CONTACT:
        return _ID
    if tag in _BIRTH_DATES:
        return _BIRTH
    if not vr or tag in _MADE_UP:
        return _LOOK
    return _DATE if vr in ("DA", "DT") else _SKIP


def _sorted(values: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted({value.strip(b" \0") for value in values} - {b""}))
