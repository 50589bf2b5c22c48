"""From a header at a place to its entry, once for each: default attributes, then the profile, then what it entails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.context import Knowledge
from philae.deid.entries import DEFAULT_ATTRIBUTES, STRUCTURE, Chain, Entry, Kind, removes
from philae.deid.outcomes import element_entry, plain_entry, sequence_entry
from philae.deid.question import Question
from philae.dicom.headers import MalformedDataset
from philae.dicom.layout import IMPLICIT, ITEM_END, Layout, implied_vr
from philae.dicom.tags import creator_of, is_private, is_private_creator

if TYPE_CHECKING:
    from philae.deid.levels import Level

SOP_CLASS_UID: Final = 0x00080016
CONCEPT_NAME: Final = 0x0040A043
WATCHED: Final = frozenset({SOP_CLASS_UID, 0x00080018, 0x0020000D})
_TABLE_LIMIT: Final = 1 << 12


def decide(level: Level, key: bytes, position: int) -> Entry | None:
    """The entry of a header; None keeps a short element. ``position`` is for the message if it cannot be one."""
    entry = _decided(level, key, position)
    if len(level.table) < _TABLE_LIMIT:
        level.table[key] = entry
        level.census.entries += 1
    return entry


def _decided(level: Level, key: bytes, position: int) -> Entry | None:
    tag = level.layout.tag_of(key)
    if tag == ITEM_END:
        return Entry(Kind.ITEM_END, level.cause(tag, "", "", STRUCTURE))
    vr = level.layout.vr_of(key)
    if not vr or tag >> 16 == 0xFFFE:
        problem = "a delimiter without its sequence" if vr else "its VR is not two capital letters"
        raise MalformedDataset(problem, position, tag)
    if tag & 0xFFFF == 0 or tag >> 16 in (0x0000, 0x0002):
        return plain_entry(level, Kind.CONSTANT, level.cause(tag, vr, "X", STRUCTURE), b"")
    return (_attribute_entry(level, tag, vr) if level.at_root else None) or _profile_entry(level, tag, vr)


def _attribute_entry(level: Level, tag: int, vr: str) -> Entry | None:
    """What the default attributes ask for at the top level; None where they leave the element to the profile."""
    attributes = level.rules.attributes
    passed = sum(1 for attribute in attributes if attribute.tag < tag)
    if passed > level.state.awaited:
        entry = Entry(Kind.INSERT, level.cause(tag, vr, "", DEFAULT_ATTRIBUTES))
        entry.span = range(level.state.awaited, passed)
        entry.level = level.awaiting(passed)
        return entry
    if passed < level.state.awaited and any(attribute.tag == tag for attribute in attributes):
        return plain_entry(level, Kind.CONSTANT, level.cause(tag, vr, "X", DEFAULT_ATTRIBUTES), b"")
    if passed < len(attributes) and attributes[passed].tag == tag:
        entry = Entry(Kind.SET, attributes[passed])
        entry.span = range(passed, passed + 1)
        entry.level = level.awaiting(passed + 1)
        return entry
    if tag in level.rules.dropped:
        return plain_entry(level, Kind.CONSTANT, level.cause(tag, vr, "X", DEFAULT_ATTRIBUTES), b"")
    return None


def _profile_entry(level: Level, tag: int, vr: str) -> Entry | None:
    entry = _with_creator(level, tag, vr, _answered(level, tag, vr))
    if level.begins_group(tag, vr):
        entry = _around(Kind.REMOVE_GROUP, level, tag, vr, entry)
    if is_private_creator(tag) and Knowledge.CREATORS in level.rules.knowledge:
        entry = _around(Kind.RESERVE, level, tag, vr, entry)
    if tag == CONCEPT_NAME and level.path and Knowledge.CONCEPTS in level.rules.knowledge:
        return _around(Kind.CONCEPT, level, tag, vr, entry)
    if tag == SOP_CLASS_UID or (level.at_root and tag in WATCHED):
        return _around(Kind.WATCH, level, tag, vr, entry)
    return entry


def _around(kind: Kind, level: Level, tag: int, vr: str, inner: Entry | None) -> Entry:
    entry = Entry(kind, level.cause(tag, vr, "", STRUCTURE), vr=vr)
    entry.inner = inner
    return entry


def _answered(level: Level, tag: int, vr: str) -> Entry | None:
    """The entry for the profile's answer, with what a UN element may turn out to be."""
    if vr != "UN":
        return _chained(level, tag, vr, vr, level.chain(tag, vr))
    known = "UN" if level.rules.compat_karnak or is_private(tag) else implied_vr(tag)
    opaque = Entry(Kind.UNKNOWN, level.cause(tag, vr, "", STRUCTURE), vr=known)
    read_as = "UN" if known == "SQ" else known
    opaque.inner = _chained(level, tag, vr, read_as, level.chain(tag, read_as))
    opaque.inside = _chained(level, tag, "SQ", "SQ", level.chain(tag, "SQ"), layout=IMPLICIT, written="UN")
    return opaque.inner if removes(opaque.inner) and removes(opaque.inside) else opaque


def _chained(
    level: Level, tag: int, vr: str, read_as: str, chain: Chain, *, layout: Layout | None = None, written: str = ""
) -> Entry | None:
    if chain and isinstance(chain[0][1], Question):
        entry = Entry(Kind.QUESTION, level.cause(tag, written or vr, "", chain[0][0]), vr=read_as)
        entry.chain = chain
        return entry
    answer = chain[0] if chain else None
    if vr == "SQ":
        return sequence_entry(level, tag, answer, layout or level.layout, written or vr)
    return element_entry(level, tag, vr, read_as, answer)


def _with_creator(level: Level, tag: int, vr: str, entry: Entry | None) -> Entry | None:
    """Private elements keep their creator: note those that survive, and let creators wait for them (spec Q12)."""
    if not is_private(tag) or level.rules.compat_karnak:
        return entry
    if is_private_creator(tag):
        if entry is None or entry.kind == Kind.LONG_KEEP or _is_named(level, tag, vr):
            return entry
        return _around(Kind.CREATOR, level, tag, vr, entry)
    if creator_of(tag) is None or removes(entry):
        return entry
    return _around(Kind.PRIVATE, level, tag, vr, entry)


def _is_named(level: Level, tag: int, vr: str) -> bool:
    return any(level.rules.elements[rule].names_creator(tag) for rule, _ in level.chain(tag, vr))
