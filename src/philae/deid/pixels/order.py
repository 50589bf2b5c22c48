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


@dataclass(frozen=True, slots=True)
class Seeds:
    """What decides how a new face looks: ``instance`` its grain, ``series`` its shape, alike in all slices."""

    instance: bytes = field(default=b"", repr=False)
    series: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class PixelOrder:
    """What to do with the frames of an instance: faces first, then masks.

    ``device`` chooses among ``masks``, ``seeds`` decide how a new face looks. With ``is_sure`` every axial image counts
    as one of a head.
    """

    masks: tuple[Mask, ...] = ()
    compat_karnak: bool = False
    device: Device = UNKNOWN_DEVICE
    seeds: Seeds = Seeds()
    cleans: bool = False
    detection: Detection | None = None
    defaces: bool = False
    is_sure: bool = False
