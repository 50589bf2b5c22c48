"""``clean.pixel.data``: which images have text burned into their pixels, and whether it is looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final, Self, cast

from typing_extensions import override

from philae.deid.confidentiality.own_identifiers import IdentifierReader
from philae.deid.elements.element import PixelRule
from philae.deid.expressions import compile_condition
from philae.deid.methods import CLEAN_PIXEL_DATA, MethodCode
from philae.deid.pixels.decision import must_be_cleaned
from philae.deid.pixels.module import PIXELS
from philae.deid.pixels.order import Detection, Device
from philae.dicom.layout import layout_of
from philae.dicom.values import decode_text, stripped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.expressions import Condition
    from philae.deid.instance import Instance
    from philae.deid.pixels.order import PixelOrder, Policy
    from philae.deid.profile import ElementSpec, Mask, Project

_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST_WORD: Final = 2
_SHORTEST_ID: Final = 4
_SOP_CLASS_UID: Final = 0x00080016
_DEVICE: Final = (0x00081010, 0x00080070, 0x00081090, _SOP_CLASS_UID)  # Station Name, Manufacturer, model
_BURNED_IN_ANNOTATION: Final = 0x00280301


@dataclass(frozen=True, slots=True)
class CleanPixelData(PixelRule):
    """Ultrasound, secondary captures, endoscopy, and whatever says that it has burned in annotation (spec Q5, Q37)."""

    codename: ClassVar[str] = "clean.pixel.data"
    method: ClassVar[MethodCode | None] = CLEAN_PIXEL_DATA

    detects: Policy | None = None
    """What becomes of text that is found; None does not look for any."""

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        is_wanted = (spec.argument("detect") or "").lower() == "true"
        return cls(spec.name, cast("Policy", spec.argument("policy") or "mask") if is_wanted else None)

    @property
    @override
    def needs_masks(self) -> bool:
        return self.detects is None

    @override
    def decide(self, place: Place) -> Action | None:
        return None

    @override
    def concerns(self, instance: Instance, burned_in_annotation: str) -> bool:
        if not any(instance.attributes.is_present(tag) for tag in PIXELS):
            return False
        came = instance.first(_BURNED_IN_ANNOTATION)
        return must_be_cleaned(instance.first(_SOP_CLASS_UID), came, burned_in_annotation)

    @override
    def added_to(self, order: PixelOrder, instance: Instance) -> PixelOrder:
        detection = order.detection
        if self.detects is not None:
            is_told = instance.first(_BURNED_IN_ANNOTATION).upper() == "YES"
            detection = Detection(self.detects, tuple(_identifiers(instance)), is_told)
        masks = tuple(mask for mask in order.masks if instance.holds(_condition(mask)))
        device = Device(*map(instance.first, _DEVICE))
        return replace(order, masks=masks, cleans=True, device=device, detection=detection)

    @override
    def describe(self) -> str:
        return "masks burned in annotation" if self.detects is None else f"looks for text in pixels: {self.detects}"


def _condition(mask: Mask) -> Condition | None:
    return _compiled(mask.condition) if mask.condition else None


@lru_cache
def _compiled(condition: str) -> Condition:
    return compile_condition(condition)


def _identifiers(instance: Instance) -> Iterator[str]:
    """Who the instance is about, as devices write it into pixels: words of names, IDs, birth dates in three orders."""
    codecs = instance.context.codecs
    own = IdentifierReader().read(instance.encoded, layout_of(instance.encoded.syntax))
    for name in own.names:
        words = _WORD.findall(decode_text(name, codecs))
        yield from (word for word in words if len(word) >= _SHORTEST_WORD)
    for number in own.ids:
        text = stripped(decode_text(number, codecs))
        if len(text) >= _SHORTEST_ID:
            yield text
    for date in own.birth_dates:
        text = date.decode("ascii", "replace")[:8]
        yield from (text, text[6:] + text[4:6] + text[:4], text[4:6] + text[6:] + text[:4])
