"""What a profile wants done with the pixels of one instance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from philae.deid.profile import Mask


Policy: TypeAlias = Literal["mask", "hold", "report"]
"""What becomes of text that is found: all is masked, the instance is held, only what names the patient is masked."""


@dataclass(frozen=True, slots=True)
class Detection:
    """How text is looked for. ``identifiers`` are the instance's own; ``is_told`` says that it is said to hold text."""

    policy: Policy
    identifiers: tuple[str, ...] = field(repr=False)
    is_told: bool

    @property
    def reads(self) -> bool:
        """Whether it matters what the text says."""
        return self.policy == "report"


class Device(NamedTuple):
    """What made an image and what kind it is, empty where unknown."""

    station_name: str = ""
    manufacturer: str = ""
    model_name: str = ""
    sop_class_uid: str = ""


UNKNOWN_DEVICE: Final = Device()
_NOT_DEFACED: Final = "not defaced, since "


@dataclass(frozen=True, slots=True)
class Seeds:
    """What decides how a new face looks: ``instance`` its grain, ``series`` its shape, alike in all slices."""

    instance: bytes = field(default=b"", repr=False)
    series: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class PixelOrder:
    """What to do with the frames of an instance: faces first, then masks.

    ``device`` chooses among ``masks``, ``seeds`` decide how a new face looks. With ``is_sure`` every axial CT image
    counts as one of a head; with ``holds_mr`` an MR image that cannot be defaced is held. ``note`` says what is left
    alone, and why.
    """

    masks: tuple[Mask, ...] = ()
    compat_karnak: bool = False
    device: Device = UNKNOWN_DEVICE
    seeds: Seeds = Seeds()
    cleans: bool = False
    detection: Detection | None = None
    defaces: bool = False
    is_sure: bool = False
    holds_mr: bool = False
    note: str = ""

    @property
    def asks(self) -> bool:
        """Whether the pixels have to be looked at."""
        return self.cleans or self.defaces


def not_defaced(reason: str) -> str:
    """For the record."""
    return f"{_NOT_DEFACED}{reason}"


def why_not_defaced(remark: str) -> str:
    """The reason in a record, empty if there is none: it comes last."""
    return remark.partition(_NOT_DEFACED)[2]
