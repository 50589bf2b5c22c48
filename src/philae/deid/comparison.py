"""Where two profiles differ: over the attributes of an IOD, or over instances. Tells actions, never values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.coverage import UNLISTED
from philae.deid.decisions import ASKED, Decision, Decisions
from philae.deid.report import rows
from philae.dicom.standard.dictionary import keyword_of, vr_of
from philae.dicom.standard.iod import attributes_of
from philae.dicom.tags import format_tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from philae.deid.engine import CompiledProfile
    from philae.deid.report import Row
    from philae.dicom.scan import Encoded

_ITEM: Final = re.compile(r"\[[0-9]+\]")
_WHOLE_VALUE: Final = 1 << 20
_PROFILE_NAME: Final = "(0012,0020)"
"""Clinical Trial Protocol ID says which profile it was, and always differs."""


class Difference(NamedTuple):
    """One attribute that two profiles treat differently, and what each does."""

    path: str
    keyword: str
    vr: str
    first: str
    first_rule: str
    second: str
    second_rule: str


def differences_in_iod(
    first: CompiledProfile, second: CompiledProfile, sop_class_uid: str, depth: int
) -> Iterator[Difference]:
    """What differs for the attributes of an IOD and for those of which no IOD speaks."""
    ours, theirs = Decisions(first, sop_class_uid), Decisions(second, sop_class_uid)
    listed = (
        (keyword_of(path[-1]) or "", path, vr_of(path[-1]) or "UN") for path in attributes_of(sop_class_uid, depth)
    )
    for keyword, path, vr in (*listed, *UNLISTED):
        one, other = (decisions.of(path[:-1], path[-1], vr) for decisions in (ours, theirs))
        if not _alike(one, other):
            yield Difference(".".join(map(format_tag, path)), keyword, vr, *_told(one, first), *_told(other, second))


def differences_in_instance(
    first: CompiledProfile, second: CompiledProfile, encoded: Encoded, pseudonym: str, now: datetime
) -> set[Difference]:
    """What differs in the output of one instance. Raises `DeidError`, `MalformedDataset`.

    Compile both profiles for the same project: otherwise every hash differs.
    """
    one, other = (_outcome(compiled, encoded, pseudonym, now) for compiled in (first, second))
    found = (_compared(one.get(path), other.get(path)) for path in {**one, **other})
    return {each for each in found if each is not None}


def _alike(one: Decision, other: Decision) -> bool:
    """Whether the effect is the same, as far as it can be told without an instance."""
    if one.action != other.action:
        return False
    if one.action == ASKED:
        return one.reason == other.reason
    return one.action == "K" or one.answer == other.answer


def _told(decision: Decision, compiled: CompiledProfile) -> tuple[str, str]:
    rule = compiled.rule_name(decision.rule) if decision.is_spoken else ""
    return decision.action, f"{rule}: {decision.reason}" if rule else decision.reason


def _outcome(compiled: CompiledProfile, encoded: Encoded, pseudonym: str, now: datetime) -> dict[str, Row]:
    plan = compiled.plan(encoded, pseudonym=pseudonym, now=now)
    if plan.excluded is not None:
        return {}
    told = rows(plan, encoded, compiled, kept=True, longest=_WHOLE_VALUE)
    return {row.path: row for row in told if row.path != _PROFILE_NAME}


def _compared(one: Row | None, other: Row | None) -> Difference | None:
    known = one or other
    if known is None or (one and one.after) == (other and other.after):
        return None
    actions = (("absent", "") if row is None else (row.action, row.rule) for row in (one, other))
    return Difference(_ITEM.sub("", known.path), known.keyword, known.vr, *next(actions), *next(actions))
