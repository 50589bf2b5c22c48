"""What a profile does to every attribute of an IOD, and to attributes that are in none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.decisions import Decisions
from philae.dicom.standard.dictionary import keyword_of, vr_of
from philae.dicom.standard.iod import attribute_type, attributes_of
from philae.dicom.tags import format_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.decisions import Decision
    from philae.deid.engine import CompiledProfile

WHOLE: Final = 16
"""A depth that no IOD exceeds."""


class Unlisted(NamedTuple):
    """An attribute that stands for those of which no IOD speaks; ``path`` holds its tag."""

    name: str
    path: tuple[int, ...]
    vr: str


# Tags that neither PS3.6 nor makers use: a pattern of a profile that matches them matches more than they.
UNLISTED: Final = (
    *(Unlisted(f"any other attribute, VR {vr}", (0x0018FEFE,), vr) for vr in ("LO", "PN", "UI", "DA", "UN", "SQ")),
    Unlisted("private creator", (0x00990010,), "LO"),
    *(Unlisted(f"private attribute, VR {vr}", (0x009910FE,), vr) for vr in ("LO", "PN", "UI", "UN", "SQ")),
    Unlisted("private attribute in a sequence, VR LO", (0x00081140, 0x009910FE), "LO"),
)


class Covered(NamedTuple):
    """What happens to one attribute; ``type`` is the one of PS3.3, empty where the IOD does not have the attribute."""

    path: str
    keyword: str
    vr: str
    type: str
    action: str
    rule: str
    reason: str


def coverage(compiled: CompiledProfile, sop_class_uid: str, depth: int = WHOLE) -> Iterator[Covered]:
    """Every attribute of the IOD in sequences down to ``depth``, then what stands for all others.

    An action of ``?`` depends on the instance; its reason tells how.
    """
    decisions = Decisions(compiled, sop_class_uid)
    for path in attributes_of(sop_class_uid, depth):
        vr = vr_of(path[-1]) or "UN"
        kind = attribute_type(sop_class_uid, path)
        decision = decisions.of(path[:-1], path[-1], vr)
        yield _covered(compiled, path, keyword_of(path[-1]) or "", vr, kind.value if kind else "", decision)
    for each in UNLISTED:
        decision = decisions.of(each.path[:-1], each.path[-1], each.vr)
        yield _covered(compiled, each.path, each.name, each.vr, "", decision)


def _covered(
    compiled: CompiledProfile, path: tuple[int, ...], keyword: str, vr: str, kind: str, decision: Decision
) -> Covered:
    rule = compiled.rule_name(decision.rule) if decision.is_spoken else ""
    return Covered(".".join(map(format_tag, path)), keyword, vr, kind, decision.action, rule, decision.reason)
