"""The steps of the walk, one for each kind of entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.entries import Kind
from philae.deid.steps.dates import rewrite_date
from philae.deid.steps.knowledge import note_concept, note_creator
from philae.deid.steps.private_blocks import await_block, bring_creator_back
from philae.deid.steps.questions import ask
from philae.deid.steps.sequences import refuse_delimiter, walk_sequence, walk_unknown
from philae.deid.steps.structure import insert, remove_group, watch, write_attribute
from philae.deid.steps.values import empty, keep, rewrite, write_constant

if TYPE_CHECKING:
    from philae.deid.steps.step import Step

_BY_KIND: Final[dict[Kind, Step]] = {
    Kind.KEEP: keep,
    Kind.CONSTANT: write_constant,
    Kind.EMPTY: empty,
    Kind.VALUE: rewrite,
    Kind.LONG_KEEP: keep,
    Kind.LONG_CONSTANT: write_constant,
    Kind.LONG_EMPTY: empty,
    Kind.LONG_VALUE: rewrite,
    Kind.SEQUENCE: walk_sequence,
    Kind.UNKNOWN: walk_unknown,
    Kind.ITEM_END: refuse_delimiter,
    Kind.INSERT: insert,
    Kind.SET: write_attribute,
    Kind.WATCH: watch,
    Kind.CREATOR: await_block,
    Kind.PRIVATE: bring_creator_back,
    Kind.QUESTION: ask,
    Kind.REMOVE_GROUP: remove_group,
    Kind.RESERVE: note_creator,
    Kind.CONCEPT: note_concept,
    Kind.DATE: rewrite_date,
}
STEPS: Final[tuple[Step, ...]] = tuple(_BY_KIND[kind] for kind in Kind)
"""By kind, for the loop."""
