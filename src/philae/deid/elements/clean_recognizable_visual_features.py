"""``clean.recognizable.visual.features``: which images may show a face."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Self

from typing_extensions import override

from philae.deid.elements.element import PixelRule
from philae.deid.methods import CLEAN_RECOGNIZABLE_FEATURES, MethodCode
from philae.deid.pixels.geometry import is_axial, is_ct, is_mr
from philae.deid.pixels.module import PIXELS
from philae.deid.pixels.order import Seeds, not_defaced

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.instance import Instance
    from philae.deid.pixels.order import PixelOrder
    from philae.deid.profile import ElementSpec, Project

_SOP_CLASS_UID: Final = 0x00080016
_SOP_INSTANCE_UID: Final = 0x00080018
_SERIES_INSTANCE_UID: Final = 0x0020000E
_IMAGE_ORIENTATION: Final = 0x00200037
_PLAIN_CT: Final = "1.2.840.10008.5.1.4.1.1.2"


@dataclass(frozen=True, slots=True)
class CleanRecognizableVisualFeatures(PixelRule):
    """Axial images of the CT family; of multi-frame ones each frame has an orientation of its own (spec 14, Q38).

    Also MR images, of which it takes the whole series to know. What is neither is left alone, and the record says so.
    """

    codename: ClassVar[str] = "clean.recognizable.visual.features"
    method: ClassVar[MethodCode | None] = CLEAN_RECOGNIZABLE_FEATURES

    is_sure: bool = False
    """Whether every axial CT image counts as one of a head."""
    holds_mr: bool = False
    """Whether an MR image that cannot be defaced is held."""

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        return cls(spec.name, (spec.argument("always") or "").lower() == "true", spec.argument("mr") == "hold")

    @override
    def decide(self, place: Place) -> Action | None:
        return None

    @override
    def concerns(self, instance: Instance, burned_in_annotation: str) -> bool:
        return any(instance.attributes.is_present(tag) for tag in PIXELS)

    @override
    def added_to(self, order: PixelOrder, instance: Instance) -> PixelOrder:
        reason = _reason_to_leave(instance)
        if reason:
            return replace(order, note=not_defaced(reason))
        keys = instance.context.uids.keys
        uids = (instance.first(tag) for tag in (_SOP_INSTANCE_UID, _SERIES_INSTANCE_UID))
        seeds = Seeds(*(keys.digest(uid.encode("utf-8", "replace")) for uid in uids))
        return replace(order, defaces=True, seeds=seeds, is_sure=self.is_sure, holds_mr=self.holds_mr)

    @override
    def describe(self) -> str:
        which = "axial CT images" if self.is_sure else "axial CT images of heads"
        return f"defaces {which}, and {'holds MR images that are not' if self.holds_mr else 'MR series that can be'}"


def _reason_to_leave(instance: Instance) -> str:
    """Why the image is not looked at; empty if it is."""
    sop_class = instance.first(_SOP_CLASS_UID)
    if is_mr(sop_class):
        return ""
    if not is_ct(sop_class):
        return "it is neither CT nor MR"
    orientation = instance.attributes.values(_IMAGE_ORIENTATION)
    is_told = orientation or sop_class == _PLAIN_CT or instance.context.compat_karnak
    return "it is not axial" if is_told and not is_axial(_numbers(orientation)) else ""


def _numbers(texts: tuple[str, ...]) -> tuple[float, ...]:
    try:
        return tuple(float(text) for text in texts)
    except ValueError:
        return ()
