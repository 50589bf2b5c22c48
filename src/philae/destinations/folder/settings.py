"""What a folder destination is told: which folder, and which names files get."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from philae.config.fields import FilePath
from philae.config.kinds import DestinationSettings
from philae.pipeline.layout import BY_SERIES, check_layout


class FolderSettings(DestinationSettings):
    """``{kind: folder, path: out}``."""

    kind_name: ClassVar[str] = "folder"
    kind: Literal["folder"] = "folder"
    path: FilePath
    """A relative path starts at the folder of the configuration document."""
    layout: Annotated[str, AfterValidator(check_layout)] = BY_SERIES
    """File name below ``path``, made of the values that the delivered instance has."""
