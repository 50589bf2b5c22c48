"""What a folder destination is told: which folder, and which names files get."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ValidationInfo, field_validator

from philae.config.model import DestinationSettings
from philae.pipeline.layout import BY_SERIES, check_layout


class FolderSettings(DestinationSettings):
    """``{kind: folder, path: out}``."""

    kind_name: ClassVar[str] = "folder"
    kind: Literal["folder"] = "folder"
    path: Path
    """A relative path starts at the folder of the configuration document."""
    layout: str = BY_SERIES
    """File name below ``path``, made of the values that the delivered instance has."""

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path, info: ValidationInfo) -> Path:
        return (Path((info.context or {}).get("base", ".")) / path.expanduser()).absolute()

    @field_validator("layout")
    @classmethod
    def _known_fields(cls, layout: str) -> str:
        return check_layout(layout)
