"""One version of the configuration: profiles, projects and forward nodes, as frozen values."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from philae.config.conditions import checked_condition
from philae.config.mail import Addresses, split_at_commas
from philae.config.subject import count_places
from philae.config.transfer_syntaxes import KEEP, transfer_syntax_uid
from philae.deid.errors import DeidError
from philae.deid.pixels.codec import AS_IT_CAME, Quality, Transcoding
from philae.deid.profile import HashEncoding, Project, SequenceInheritance, TimeShift, zone_of
from philae.dicom.standard.uids import find_sop_class
from philae.dicom.syntax import transfer_syntax

AETitle = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16, pattern=r"^[^\\\x00-\x1f]+$")
]
"""An AE title: 1 to 16 characters, no backslash and no control characters (PS3.5, VR AE)."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Port = Annotated[int, Field(ge=1, le=65535)]
EmailAddress = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]+@[^@\s]+$")]
_UID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
NotifiedValue: TypeAlias = Literal["PatientID", "StudyDescription", "StudyDate", "StudyInstanceUID"]
TripwirePolicy: TypeAlias = Literal["hold", "warn", "off"]
"""What an original identifier in the output does: the instance is held, it goes with a warning, nobody looks."""
STORED: Final = "<stored>"
"""What an export shows in the place of a secret; applied again, it means the one that is stored."""
SHOWN: Final = {"secrets": STORED}
"""The context of a dump that is shown to somebody."""


def _written_secret(text: str, info: SerializationInfo) -> str:
    return STORED if (info.context or {}).get("secrets") == STORED else text


Secret = Annotated[
    str,
    StringConstraints(min_length=1),
    Field(json_schema_extra={"format": "password", "writeOnly": True}),
    PlainSerializer(_written_secret, return_type=str),
]
"""A text that forms and schemas do not show, nor dumps with the context `SHOWN`; its fields take ``repr=False``."""


class Frozen(BaseModel):
    """A value that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredProfile(Frozen):
    """A profile by the name in its YAML, with its text as it was given."""

    name: Name
    text: str


def _time_zone(name: str) -> str:
    try:
        zone_of(name)
    except DeidError as error:
        raise ValueError(str(error)) from error
    return name


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
    server_timezone: Annotated[str, AfterValidator(_time_zone)] | None = None
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


class Authentication(Frozen):
    """How to get a token by OAuth 2.0 client credentials (RFC 6749 4.4); profiles refer to it by name."""

    name: Name
    token_url: str = Field(pattern=r"^https?://")
    client_id: str = Field(min_length=1)
    client_secret: Secret = Field(repr=False)
    scope: str = ""


class WebServiceSettings(Frozen):
    """How the web services that profiles ask are asked.

    With ``allowed_hosts`` no other host is; without, every host but those of this machine and its own network link.
    """

    allowed_hosts: tuple[str, ...] = ()
    timeout_s: float = Field(default=10.0, gt=0)
    attempts: int = Field(default=3, ge=1, le=10)
    cache_s: float = Field(default=900.0, ge=0)
    """How long an answer is taken as still true."""
    authentications: tuple[Authentication, ...] = ()

    def authentication(self, name: str) -> Authentication | None:
        """The authentication with this name."""
        return next((each for each in self.authentications if each.name == name), None)


def _sop_class(text: str) -> str:
    """The UID of a SOP class by name; any UID stands for itself."""
    return text if _UID.fullmatch(text) else find_sop_class(text)


class RetrySettings(Frozen):
    """How a destination is tried again: delays double from ``base_s`` up to ``cap_s``."""

    base_s: float = Field(default=2.0, gt=0)
    cap_s: float = Field(default=300.0, gt=0)


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
    tripwire: TripwirePolicy = "hold"
    """What happens to an instance whose output still holds one of its own identifiers."""


OfKind = Annotated[SerializeAsAny[DestinationSettings], _of_kind("destination_kinds")]


class Target(Frozen):
    """A receiver that any number of destinations name."""

    name: Name
    description: str = ""
    contact: EmailAddress | None = None
    settings: OfKind


class Notify(Frozen):
    """Mails about what became of each study at a destination."""

    emails: Annotated[Addresses, Field(min_length=1)]
    """A list, or one text with commas."""
    subject: str = Field(default="[Karnak Notification] %s %.30s", max_length=200)
    values: Annotated[tuple[NotifiedValue, ...], BeforeValidator(split_at_commas)] = ("PatientID", "StudyDescription")
    """What stands in the places of the subject, in this order."""
    error_prefix: str = Field(default="**ERROR**", max_length=50)
    """Before the subject when something is held or failed."""
    rejection_prefix: str = Field(default="**REJECTED**", max_length=50)
    """Before the subject when something was excluded."""
    interval_s: float = Field(default=45.0, ge=1, le=86_400)
    """What happens to a study in so long goes into one mail."""

    @model_validator(mode="after")
    def _a_value_for_each_place(self) -> Self:
        places = count_places(self.subject)
        if places > len(self.values):
            raise ValueError(f"the subject has {places} places for values, but there are {len(self.values)} values")
        return self


class Destination(Frozen):
    """One place that a forward node sends to."""

    id: int = 0
    """Given by the store, once per (forward node, name)."""
    name: Name
    description: str = ""
    contact: EmailAddress | None = None
    """Who answers for the receiver."""
    enabled: bool = True
    sop_classes: tuple[Annotated[str, AfterValidator(_sop_class)], ...] = ()
    """Only these are sent; all when empty."""
    condition: Annotated[str, Field(max_length=1024), AfterValidator(checked_condition)] = ""
    """Only instances that meet it, as they came, are sent; all when empty."""
    deidentify: Deidentify | None = None
    notify: Notify | None = None
    retry: RetrySettings = RetrySettings()
    rate: RateSettings = RateSettings()
    transfer_syntax: Annotated[str, AfterValidator(transfer_syntax_uid)] = KEEP
    """Of images; the one that they came in by default."""
    transcode_only_uncompressed: bool | None = None
    """Leave alone what came compressed; by default where ``transfer_syntax`` compresses."""
    quality: QualitySettings = QualitySettings()
    target: Name | None = None
    """Whose settings it has."""
    settings: OfKind

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

    @model_serializer(mode="wrap")
    def _settings_stand_once(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Those of a target are written there."""
        written: dict[str, Any] = write(self)
        if self.target is not None:
            del written["settings"]
        return written


def _with_settings_of(targets: Mapping[str, DestinationSettings], node: Any) -> Any:
    if isinstance(node, ForwardNode):
        changed = tuple(
            each.model_copy(update={"settings": targets.get(each.target or "", each.settings)})
            for each in node.destinations
        )
        return node.model_copy(update={"destinations": changed})
    if not isinstance(node, dict) or not isinstance(given := node.get("destinations"), list | tuple):
        return node
    return {**node, "destinations": [_with_settings(targets, each) for each in given]}


def _with_settings(targets: Mapping[str, DestinationSettings], destination: Any) -> Any:
    target = destination.get("target") if isinstance(destination, dict) else None
    if isinstance(target, str) and target in targets:
        return {**destination, "settings": targets[target]}
    return destination


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
    web_services: WebServiceSettings = WebServiceSettings()
    targets: tuple[Target, ...] = ()
    forward_nodes: tuple[ForwardNode, ...] = ()

    @field_validator("forward_nodes", mode="before")
    @classmethod
    def _with_targets(cls, nodes: Any, info: ValidationInfo) -> Any:
        """A destination that names a target has its settings; without such a target it has none, which is a fault."""
        if not isinstance(nodes, list | tuple):
            return nodes
        targets = {target.name: target.settings for target in info.data.get("targets", ())}
        return [_with_settings_of(targets, node) for node in nodes]

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
