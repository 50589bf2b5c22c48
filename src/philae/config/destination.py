"""One place that a forward node sends to."""

import re
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from philae.config.conditions import checked_condition
from philae.config.deidentify import Deidentify, Morph
from philae.config.fields import EmailAddress, Frozen, Name, Seconds, TimeZone
from philae.config.kinds import OfKind
from philae.config.notify import Notify
from philae.config.sending import QualitySettings, RateSettings, RetrySettings
from philae.config.transfer_syntaxes import KEEP, transfer_syntax_uid
from philae.config.windows import Hours, Window, Windowed
from philae.deid.pixels.codec import AS_IT_CAME, Quality, Transcoding
from philae.deid.profile import zone_of
from philae.dicom.standard.uids import find_sop_class
from philae.dicom.syntax import transfer_syntax

_UID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")


def _sop_class(text: str) -> str:
    """The UID of a SOP class by name; any UID stands for itself."""
    return text if _UID.fullmatch(text) else find_sop_class(text)


class Destination(Frozen):
    """One place that a forward node sends to."""

    id: int = 0
    """Given by the store, once per (forward node, name)."""
    name: Name
    description: str = ""
    contact: EmailAddress | None = None
    """Who answers for the receiver."""
    enabled: bool = True
    paused: bool = False
    """Nothing is sent; what arrives for it is kept and waits."""
    sop_classes: tuple[Annotated[str, AfterValidator(_sop_class)], ...] = ()
    """Only these are sent; all when empty."""
    condition: Annotated[str, Field(max_length=1024), AfterValidator(checked_condition)] = ""
    """Only instances that meet it, as they came, are sent; all when empty."""
    deidentify: Deidentify | None = None
    morph: Morph | None = None
    """Instead of de-identification: the profile alone, without pseudonym."""
    notify: Notify | None = None
    fallback: Name | None = None
    """Another destination of the forward node, otherwise not sent to, that gets what this one refuses for good."""
    fallback_after_s: Seconds | None = None
    """Also what waits, once this one has been out of reach for so long."""
    retry: RetrySettings = RetrySettings()
    rate: RateSettings = RateSettings()
    time_zone: TimeZone | None = None
    """Of the delivery windows, such as Europe/Zurich."""
    windows: tuple[Windowed, ...] = ()
    """Sent to only then, such as mon-fri 20:00-06:00, sat, sun 00:00-24:00; at any time when empty."""
    transfer_syntax: Annotated[str, AfterValidator(transfer_syntax_uid)] = KEEP
    """Of images; the one that they came in by default."""
    transcode_only_uncompressed: bool | None = None
    """Leave alone what came compressed; by default where ``transfer_syntax`` compresses."""
    quality: QualitySettings = QualitySettings()
    target: Name | None = None
    """Whose settings it has."""
    settings: OfKind

    @property
    def project(self) -> str:
        """The project whose profile is applied; empty without."""
        way = self.deidentify or self.morph
        return way.project if way is not None else ""

    @property
    def hours(self) -> Hours:
        """When it may be sent to."""
        return Hours(self.windows, zone_of(self.time_zone or "UTC"))

    @property
    def transcoding(self) -> Transcoding:
        """What its images go out in."""
        if self.transfer_syntax == KEEP:
            return AS_IT_CAME
        only_uncompressed = self.transcode_only_uncompressed
        if only_uncompressed is None:
            only_uncompressed = transfer_syntax(self.transfer_syntax).encapsulated
        quality = Quality(self.quality.jpeg, self.quality.ratio, self.quality.near)
        return Transcoding(self.transfer_syntax, only_uncompressed, quality)

    @field_validator("morph")
    @classmethod
    def _one_way(cls, morph: Morph | None, info: ValidationInfo) -> Morph | None:
        if morph is not None and info.data.get("deidentify") is not None:
            raise ValueError("de-identification and tag morphing exclude each other; take one out")
        return morph

    @field_validator("fallback_after_s")
    @classmethod
    def _of_a_fallback(cls, after_s: float | None, info: ValidationInfo) -> float | None:
        if after_s is not None and info.data.get("fallback", "") is None:
            raise ValueError("there is no fallback; name one")
        return after_s

    @field_validator("windows")
    @classmethod
    def _in_a_zone(cls, windows: tuple[Window, ...], info: ValidationInfo) -> tuple[Window, ...]:
        if windows and info.data.get("time_zone", "") is None:
            raise ValueError("windows need a time_zone, such as Europe/Zurich")
        return windows

    @model_serializer(mode="wrap")
    def _settings_stand_once(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Those of a target are written there."""
        written: dict[str, Any] = write(self)
        if self.target is not None:
            del written["settings"]
        return written
