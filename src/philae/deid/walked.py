"""What walking one instance came to, and the plan that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.deciding import SOP_CLASS_UID
from philae.deid.errors import DeidError
from philae.deid.plan import Plan
from philae.dicom.headers import read_header
from philae.dicom.layout import layout_of
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.deid.elements.element import PixelRule
    from philae.deid.instance import Instance
    from philae.deid.pixels.order import PixelOrder
    from philae.dicom.splice import Edit

_CHARACTER_SET: Final = 0x00080005
_BURNED_IN_ANNOTATION: Final = 0x00280301
_NAMING: Final = (SOP_CLASS_UID, 0x00080018, 0x0020000D)
"""SOP Class, SOP Instance and Study Instance UID."""


class Walked(NamedTuple):
    """What walking an instance came to. ``watched`` are the UIDs that name it afterwards, by tag."""

    instance: Instance
    edits: tuple[Edit, ...]
    watched: dict[int, str]
    warnings: tuple[str, ...] = ()
    excluded: str | None = None

    @property
    def wrote_in_vain(self) -> bool:
        """Whether text was written in a character set that the instance turned out to lose."""
        return self.instance.context.hopes_for_character_set and self._edit_of(_CHARACTER_SET) is not None

    def pixel_order(self, rules: Iterable[PixelRule], empty: PixelOrder) -> PixelOrder | None:
        """What those of ``rules`` that concern the instance add to the ``empty`` order; None if it stays so."""
        if self.excluded is not None:
            return None
        order = empty
        for rule in rules:
            if self.instance.holds(rule.condition) and rule.concerns(self.instance, self._annotation):
                order = rule.added_to(order, self.instance)
        return None if order is empty else order

    def plan(self, pixels: PixelOrder | None = None, *, is_complete: bool) -> Plan:
        """The plan, if nothing is missing. Raises `DeidError`."""
        if self.excluded is not None:
            return Plan((), "", "", "", self.excluded)
        if self.instance.unanswered:
            raise DeidError(
                "the profile asks web services, which were not asked; only a gateway does, "
                "or who gives the engine replies to its requests"
            )
        sop_class, sop_instance, study = (self.watched.get(tag, "") for tag in _NAMING)
        if is_complete and not (sop_class and sop_instance):
            missing = "SOP Instance UID (0008,0018)" if sop_class else "SOP Class UID (0008,0016)"
            raise DeidError(f"the instance would go out without {missing}: it has none, or the profile takes it away")
        return Plan(self.edits, sop_class, sop_instance, study, warnings=self.warnings, pixels=pixels)

    @property
    def _annotation(self) -> str:
        """Burned In Annotation as it goes out, empty if it does not."""
        edit = self._edit_of(_BURNED_IN_ANNOTATION)
        if edit is None:
            return self.instance.first(_BURNED_IN_ANNOTATION)
        if not edit.data:
            return ""
        layout = layout_of(self.instance.encoded.syntax)
        return first_text(edit.data[read_header(edit.data, 0, len(edit.data), layout)[2] :])

    def _edit_of(self, tag: int) -> Edit | None:
        """What happens to an attribute of the top level."""
        return next((edit for edit in self.edits if edit.cause.tag == tag and not edit.cause.path), None)
