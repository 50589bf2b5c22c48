"""Attributes that a profile adds to the top level of an instance: where they go, and in which private block."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.errors import DeidError
from philae.dicom.layout import SHORT_LIMIT, SHORT_VRS, layout_of
from philae.dicom.splice import Cause, Edit
from philae.dicom.standard.iod import attribute_type
from philae.dicom.tags import creator_of, format_tag, is_private, is_private_creator
from philae.dicom.values import encode_value, padded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from philae.deid.elements.element import ProfileElement
    from philae.deid.expressions import Condition
    from philae.deid.instance import Instance

LETTER: Final = "A"
_BLOCKS: Final = range(0x10, 0x100)


class Addition(NamedTuple):
    """An attribute to add unless the instance has it.

    ``creator`` is the private creator whose block it belongs to, empty if it goes to ``tag`` whoever owns the block.
    ``element`` names the profile element, for messages.
    """

    tag: int
    vr: str
    text: str
    element: str
    creator: str = ""
    only_where_defined: bool = False
    """Whether the SOP class must have the attribute (spec Q17)."""


def additions_of(elements: Iterable[ProfileElement]) -> Iterator[tuple[int, Condition | None, Addition]]:
    """What the elements of a profile add, with their positions and conditions."""
    for rule, element in enumerate(elements):
        addition = element.addition()
        if addition is not None:
            yield rule, element.condition, addition


class TopLevel:
    """The top level of one instance while attributes are added to it. Attributes that are ``taken`` are not added."""

    def __init__(self, instance: Instance, taken: frozenset[int]) -> None:
        self._instance = instance
        self._taken = taken
        self._layout = layout_of(instance.encoded.syntax)
        self._edits: dict[int, Edit] = {}
        self.kept_creators: set[int] = set()
        """Private creators that were there and now have an element added to their block."""
        self.warnings: list[str] = []

    @property
    def _starts(self) -> Mapping[int, int]:
        return self._instance.attributes.positions

    @cached_property
    def _creators(self) -> dict[int, str]:
        return {tag: self._instance.first(tag) for tag in self._starts if is_private_creator(tag)}

    def merged(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
        """``edits`` and the additions in the order of the dataset; what is added at one position ascends by tag."""
        if not self._edits:
            return edits
        merged = list(edits)
        for edit in self._edits.values():
            merged.insert(bisect_left(merged, _place(edit), key=_place), edit)
        return tuple(merged)

    def add(self, addition: Addition, rule: int, sop_class_uid: str) -> None:
        """Add one attribute, or tell ``warnings`` why not. Raises `DeidError` if its value cannot be written."""
        if addition.only_where_defined and attribute_type(sop_class_uid, (addition.tag,)) is None:
            self._warn(addition, "the SOP class of the instance does not have it")
        elif addition.creator:
            self._add_to_block(addition, rule)
        elif not self._has(addition.tag):
            self._write(addition.tag, addition.vr, addition.text, addition, rule)

    def _add_to_block(self, addition: Addition, rule: int) -> None:
        group = addition.tag & 0xFFFF0000
        wanted = creator_of(addition.tag)
        if wanted is not None and self._creators.get(wanted, addition.creator) != addition.creator:
            self._warn(addition, f"its block belongs to another private creator, see {format_tag(wanted)}")
            return
        creator = self._creator(group, addition.creator)
        tag = group | (creator & 0xFF) << 8 | addition.tag & 0xFF
        if self._has(tag):
            return
        if creator in self._starts:
            self.kept_creators.add(creator)
        elif creator not in self._edits:
            self._write(creator, "LO", addition.creator, addition, rule)
        self._creators[creator] = addition.creator
        self._write(tag, addition.vr, addition.text, addition, rule)

    def _creator(self, group: int, name: str) -> int:
        """The private creator element of that name in ``group``, or the first that is free."""
        for tag, text in self._creators.items():
            if text == name and tag & 0xFFFF0000 == group:
                return tag
        free = next((group | block for block in _BLOCKS if not self._has(group | block)), None)
        if free is None:
            raise DeidError(f"all private blocks of group {group >> 16:04X} are taken; add to another group")
        return free

    def _write(self, tag: int, vr: str, text: str, addition: Addition, rule: int) -> None:
        layout = self._layout
        raw = encode_value(text, vr, self._instance.context.output_codecs, big_endian=layout.big_endian)
        if raw is None or (len(raw) > SHORT_LIMIT and vr in SHORT_VRS and not layout.implicit):
            raise DeidError(
                f"profile element {addition.element!r}: the value for {format_tag(tag)} cannot be written as {vr} "
                "in the character set of the instance; use plain ASCII"
            )
        value = padded(raw, vr)
        position = min(
            (start for other, start in self._starts.items() if other > tag), default=self._instance.encoded.end
        )
        data = layout.header(tag, vr, len(value)) + value
        self._edits[tag] = Edit(position, position, data, Cause(tag, vr, (), LETTER, rule))

    def _has(self, tag: int) -> bool:
        return tag in self._starts or tag in self._edits or tag in self._taken

    def _warn(self, addition: Addition, reason: str) -> None:
        kind = "private element" if is_private(addition.tag) else "attribute"
        self.warnings.append(
            f"profile element {addition.element!r}: {kind} {format_tag(addition.tag)} not added: {reason}"
        )


def _place(edit: Edit) -> tuple[int, int, int]:
    return edit.start, edit.end, edit.cause.tag
