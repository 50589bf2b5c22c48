"""How a destination is sent to: when again, how fast, in which quality."""

from pydantic import Field

from philae.config.fields import Frozen, Seconds


class RetrySettings(Frozen):
    """How a destination is tried again: delays double from ``base_s`` up to ``cap_s``."""

    base_s: Seconds = 2.0
    cap_s: Seconds = 300.0


class RateSettings(Frozen):
    """How much a destination gets at most, on average."""

    instances_per_s: float | None = Field(default=None, ge=0.01)
    bytes_per_s: float | None = Field(default=None, ge=1000)


class QualitySettings(Frozen):
    """How much a lossy transfer syntax may lose."""

    jpeg: int = Field(default=90, ge=1, le=100)
    """Quality as the JPEG library counts it."""
    ratio: float = Field(default=10.0, gt=1, le=1000)
    """Of JPEG 2000: how many times smaller than native."""
    near: int = Field(default=2, ge=1, le=255)
    """Of near-lossless JPEG-LS: by how much a sample may differ."""
