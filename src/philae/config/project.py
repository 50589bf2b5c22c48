"""Projects and the profiles that they apply."""

from typing import Annotated, Literal

from pydantic import Field

from philae.config.fields import Frozen, Name, TimeZone
from philae.config.secret import Secret
from philae.deid.profile import HashEncoding, Project, SequenceInheritance, TimeShift


class StoredProfile(Frozen):
    """A profile by the name in its YAML, with its text as it was given."""

    name: Name
    text: str


class ProjectSettings(Frozen):
    """A project: the profile that it applies and the secret that keys its pseudonyms."""

    name: Name
    profile: Name
    secret: Secret | None = Field(default=None, repr=False)
    """32 hex digits, dashes allowed; generated when the document gives none."""
    pseudonym_days: Annotated[int, Field(ge=1, le=36_500)] | Literal["forever"] = 7
    """How long a pseudonym stays in the project's table after it was imported or added."""
    hash_encoding: HashEncoding = "utf-8"
    compat: Literal["karnak"] | None = None
    """All of Karnak's quirks; those below are some of them, one by one."""
    sequence_inheritance: SequenceInheritance = "resolved"
    server_timezone: TimeZone | None = None
    time_shift: TimeShift = "paired"

    def with_secret(self, secret: bytes) -> Project:
        """The project as the engine knows it."""
        return Project(
            name=self.name,
            secret=secret,
            hash_encoding=self.hash_encoding,
            compat_karnak=self.compat == "karnak",
            sequence_inheritance=self.sequence_inheritance,
            server_timezone=self.server_timezone,
            time_shift=self.time_shift,
        )
