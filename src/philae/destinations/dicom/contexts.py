"""Which presentation contexts an association needs, and which of them an instance takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.deid.pixels.decodable import DECODABLE
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE
from philae.dimse.requestor import ProposedContext

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from philae.dimse.requestor import Association
    from philae.pipeline.model import Outgoing

MAX_CONTEXTS = 128
NATIVE = (EXPLICIT_LE.uid, IMPLICIT_LE.uid)
"""Transfer syntaxes that a native dataset, or one that can be decoded, is sent in if its own is not taken."""


def limited(needed: tuple[str, str], others: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """``needed`` and as many of the others, the first ones first, as one association can propose contexts for."""
    proposed: set[tuple[str, str]] = set()
    contexts: set[tuple[str, str]] = set()
    for pair in (needed, *others):
        enlarged = contexts | set(alternatives(*pair))
        if len(enlarged) <= MAX_CONTEXTS:
            contexts = enlarged
            proposed.add(pair)
    return frozenset(proposed)


def alternatives(sop_class_uid: str, syntax_uid: str) -> tuple[tuple[str, str], ...]:
    """A SOP class with its transfer syntax, and with those that it is sent in otherwise (spec C.6)."""
    is_writable = syntax_uid in NATIVE or syntax_uid in DECODABLE
    others = [uid for uid in NATIVE if is_writable and uid != syntax_uid]
    return tuple((sop_class_uid, uid) for uid in (syntax_uid, *others))


def proposals(proposed: Collection[tuple[str, str]]) -> list[ProposedContext]:
    """What is proposed for these SOP classes in these transfer syntaxes."""
    pairs = {alternative: None for pair in sorted(proposed) for alternative in alternatives(*pair)}
    return [ProposedContext(sop_class_uid, (syntax_uid,)) for sop_class_uid, syntax_uid in pairs]


def agreed(association: Association, outgoing: Outgoing) -> tuple[int, str] | None:
    """The context that the receiver took for an instance, and its transfer syntax."""
    for sop_class_uid, syntax_uid in alternatives(outgoing.sop_class_uid, outgoing.transfer_syntax_uid):
        context_id = association.context_for(sop_class_uid, syntax_uid)
        if context_id is not None:
            return context_id, syntax_uid
    return None
