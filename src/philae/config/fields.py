"""What fields of the configuration have in common: frozen values, names, addresses."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo

from philae.config.spelled import Spelled
from philae.deid.errors import DeidError
from philae.deid.profile import zone_of

AETitle = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=16),
    Spelled(r"[^\\\x00-\x1f]+", "an AE title holds no backslash and no control character"),
]
"""An AE title: 1 to 16 characters, no backslash and no control characters (PS3.5, VR AE)."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Port = Annotated[int, Field(ge=1, le=65535)]
EmailAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Spelled(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+", "give one mail address, such as pacs@hospital.example"),
]


def _time_zone(name: str) -> str:
    try:
        zone_of(name)
    except DeidError:
        raise ValueError("is no time zone; give an IANA name such as Europe/Zurich") from None
    return name


TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""The IANA name of a time zone."""
Seconds = Annotated[float, Field(gt=0)]
AtOnce = Annotated[int, Field(ge=1, le=50)]
"""How many connections to a receiver."""


def _from_document(path: Path, info: ValidationInfo) -> Path:
    return (Path((info.context or {}).get("base", ".")) / path.expanduser()).absolute()


FilePath = Annotated[Path, AfterValidator(_from_document)]
"""A file or folder; a relative path starts at the folder of the document."""


class Frozen(BaseModel):
    """A value that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
