"""One version of the configuration: profiles, projects and forward nodes, as frozen values."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    StringConstraints,
    ValidationInfo,
)

from philae.deid.profile import HashEncoding

AETitle = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16, pattern=r"^[^\\\x00-\x1f]+$")
]
"""An AE title: 1 to 16 characters, no backslash and no control characters (PS3.5, VR AE)."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Frozen(BaseModel):
    """A value that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredProfile(Frozen):
    """A profile by the name in its YAML, with its text as it was given."""

    name: Name
    text: str


class ProjectSettings(Frozen):
    """A project: the profile that it applies and the secret that keys its pseudonyms."""

    name: Name
    profile: Name
    secret: str | None = Field(default=None, repr=False)
    """32 hex digits, dashes allowed; generated when the document gives none."""
    hash_encoding: HashEncoding = "utf-8"
    compat: Literal["karnak"] | None = None


class RetrySettings(Frozen):
    """How a destination is tried again: delays double from ``base_s`` up to ``cap_s``."""

    base_s: float = Field(default=2.0, gt=0)
    cap_s: float = Field(default=300.0, gt=0)


class DestinationSettings(Frozen):
    """What every kind of destination has; one subclass a kind, in the room ``destinations``."""

    kind_name: ClassVar[str]
    kind: str

    @property
    def lanes(self) -> int:
        """How many deliveries may be under way at once."""
        return 1


class PseudonymSettings(Frozen):
    """What every source of pseudonyms has; one subclass a kind, in the room ``pseudonyms``."""

    kind_name: ClassVar[str]
    kind: str


def _of_kind(kinds_key: str) -> BeforeValidator:
    def choose(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Frozen):
            return value
        kinds: Mapping[str, type[Frozen]] = (info.context or {}).get(kinds_key, {})
        kind = value.get("kind") if isinstance(value, Mapping) else None
        if not isinstance(kind, str) or kind not in kinds:
            raise ValueError(f"unknown kind {kind!r}; known are: {', '.join(sorted(kinds)) or 'none'}")
        return kinds[kind].model_validate(value, context=info.context)

    return BeforeValidator(choose)


class Deidentify(Frozen):
    """De-identification at a destination: the project, and where pseudonyms come from."""

    project: Name
    pseudonym: Annotated[SerializeAsAny[PseudonymSettings], _of_kind("pseudonym_kinds")] = Field(
        default_factory=lambda: {"kind": "derived"},
        validate_default=True,
    )


class Destination(Frozen):
    """One place that a forward node sends to."""

    id: int = 0
    """Given by the store, once per (forward node, name)."""
    name: Name
    enabled: bool = True
    deidentify: Deidentify | None = None
    retry: RetrySettings = RetrySettings()
    settings: Annotated[SerializeAsAny[DestinationSettings], _of_kind("destination_kinds")]


class Source(Frozen):
    """A sender that a forward node takes from."""

    ae_title: AETitle
    hostname: str = ""
    check_hostname: bool = False


class ForwardNode(Frozen):
    """An AE title of the gateway, who may send to it and where its instances go."""

    ae_title: AETitle
    description: str = ""
    sources: tuple[Source, ...] = ()
    destinations: tuple[Destination, ...] = ()


class Configuration(Frozen):
    """One immutable version of everything that is configured."""

    version: int = 0
    profiles: tuple[StoredProfile, ...] = ()
    projects: tuple[ProjectSettings, ...] = ()
    forward_nodes: tuple[ForwardNode, ...] = ()

    def node(self, ae_title: str) -> ForwardNode | None:
        """The forward node with this AE title."""
        return next((node for node in self.forward_nodes if node.ae_title == ae_title), None)

    def destination(self, destination_id: int) -> tuple[ForwardNode, Destination] | None:
        """A destination and its forward node by the store's id."""
        for node in self.forward_nodes:
            for destination in node.destinations:
                if destination.id == destination_id:
                    return node, destination
        return None

    def project(self, name: str) -> ProjectSettings | None:
        """The project with this name."""
        return next((project for project in self.projects if project.name == name), None)

    def profile(self, name: str) -> StoredProfile | None:
        """The profile with this name."""
        return next((profile for profile in self.profiles if profile.name == name), None)
