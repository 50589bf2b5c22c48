"""Steps that go on with another level: default attributes in their places, UIDs that are watched, groups that go."""
# ruff: noqa: ARG001 - all steps take the same

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from philae.deid.steps.step import Frame, Next
from philae.dicom.headers import MalformedDataset, read_header
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from philae.deid.entries import Entry
    from philae.deid.levels import Level
    from philae.deid.walk import Walk

_SOP_CLASS_UID: Final = 0x00080016


def insert(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    walk.insert_attributes(level, entry.span, position)
    return position, 0, cast("Level", entry.level)


def write_attribute(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    behind = walk.extent(entry, level, position, frame.end)[1]
    return walk.replace(entry, cast("Level", entry.level), position, behind, walk.attributes[entry.span[0]])


def watch(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    mark = len(walk.edits)
    behind, change, level = walk.perform(entry.inner, level, position, length, frame)
    if behind > frame.end:
        raise MalformedDataset(f"its length {length} leads beyond the end", position, entry.cause.tag)
    text = _text_after(walk, level, mark, position, behind)
    if level.at_root:
        walk.watched[entry.cause.tag] = text
    if entry.cause.tag == _SOP_CLASS_UID and text != level.sop_class_uid:
        level = level.with_sop_class(text)
    return behind, change, level


def _text_after(walk: Walk, level: Level, mark: int, position: int, behind: int) -> str:
    """The first value of an element that has just been walked, as it goes out."""
    element = walk.edits[-1].data if len(walk.edits) > mark else bytes(walk.source[position:behind])
    if not element:
        return ""
    is_short = element[4:6] == b"UI"
    return first_text(element[8 if is_short else read_header(element, 0, len(element), level.layout)[2] :])


def remove_group(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    """The first element of a group that goes as a whole where the attribute goes that all of it needs."""
    mark, tag = len(walk.edits), entry.cause.tag
    behind, change, level = walk.perform(entry.inner, level, position, length, frame)
    removals = [edit.cause.rule for edit in walk.edits[mark:] if not edit.data]
    if removals and level.rules.elements[removals[0]].needs(tag) is not None:
        level = level.without_group(tag >> 16, removals[0])
    return behind, change, level
