"""Steps at elements that say what others are: private creators, concept names of content items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.levels import NO_CONCEPT
from philae.deid.steps.step import Frame, Next
from philae.dicom.headers import MalformedDataset
from philae.dicom.layout import IMPLICIT, UNDEFINED, Layout
from philae.dicom.pick import Picker
from philae.dicom.standard.content import is_known_concept
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from philae.deid.entries import Entry
    from philae.deid.levels import Level
    from philae.deid.walk import Walk

_CODE_VALUE: Final = 0x00080100
_SCHEME: Final = 0x00080102
_ITEM: Final = (0xFFFE, 0xE000)
_CODE: Final = Picker((_CODE_VALUE, _SCHEME))


def note_creator(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    """A private creator: the elements of its block behind it are judged by its name."""
    value, end, _ = walk.extent(entry, level, position, frame.end)
    creator = first_text(bytes(walk.source[value:end]), walk.context.codecs)
    behind, change, level = walk.perform(entry.inner, level, position, length, frame)
    return behind, change, level.with_creator(entry.cause.tag, creator)


def note_concept(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    """The concept name of a content item: the values behind it are judged by it."""
    behind, change, level = walk.perform(entry.inner, level, position, length, frame)
    value = walk.extent(entry, level, position, frame.end)[0]
    concept = _concept(walk, IMPLICIT if entry.vr == "UN" else level.layout, value, behind)
    return behind, change, level.about(concept) if concept != level.state.concept else level


def _concept(walk: Walk, layout: Layout, value: int, end: int) -> tuple[str, str]:
    """The code in the first item, if PS3.15 Table E.3.4-1 speaks of it."""
    if value + 8 > end or layout.tag.unpack_from(walk.source, value) != _ITEM:
        return NO_CONCEPT
    (length,) = layout.u32.unpack_from(walk.source, value + 4)
    found: dict[int, bytes] = {}
    stop = end if length == UNDEFINED else min(end, value + 8 + length)
    try:
        _CODE.pick(walk.source, value + 8, stop, layout, found)
    except MalformedDataset:  # UN bytes that only began like an item: the walk has passed them as they are
        return NO_CONCEPT
    concept = (first_text(found.get(_SCHEME, b"")), first_text(found.get(_CODE_VALUE, b"")))
    return concept if is_known_concept(*concept) else NO_CONCEPT
