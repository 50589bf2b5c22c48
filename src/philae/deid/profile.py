"""A de-identification profile and the project that uses it, as frozen values."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from philae.deid.errors import DeidError, Fault, InvalidSecret
from philae.dicom.tags import TagPattern

HashEncoding: TypeAlias = Literal["utf-8", "us-ascii"]
SequenceInheritance: TypeAlias = Literal["resolved", "karnak"]
TimeShift: TypeAlias = Literal["paired", "independent"]

SECRET_LENGTH: Final = 16


class Rectangle(NamedTuple):
    """Columns ``x`` to ``x + width`` and rows ``y`` to ``y + height``, borders included; 0,0 is the top left pixel."""

    x: int
    y: int
    width: int
    height: int


class Color(NamedTuple):
    """Fill colour of a mask, 0 to 255 each."""

    red: int
    green: int
    blue: int


BLACK: Final = Color(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Mask:
    """Rectangles to fill in the images of one station; ``*`` is any station, no size is any size.

    Manufacturer, model, SOP class and ``condition``, an expression on the instance, narrow that down where they are
    given. Where there are rectangles to ``keep``, everything else is filled; with ``keeps_regions`` they are those that
    an ultrasound image names itself.
    """

    station_name: str
    width: int | None = None
    height: int | None = None
    color: Color = BLACK
    rectangles: tuple[Rectangle, ...] = ()
    manufacturer: str = ""
    model_name: str = ""
    sop_class_uid: str = ""
    keep: tuple[Rectangle, ...] = ()
    keeps_regions: bool = False
    condition: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ElementSpec:
    """One profile element as written; the element of its ``codename`` gives it a meaning.

    ``arguments`` keep their order, names are unique. ``line`` is where it starts in its file, 0 if it has none.
    """

    name: str
    codename: str
    condition: str | None = None
    action: str | None = None
    option: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    tags: tuple[TagPattern, ...] = ()
    excluded_tags: tuple[TagPattern, ...] = ()
    line: int = field(default=0, compare=False)

    def argument(self, name: str) -> str | None:
        """The text of argument ``name``, None when it is not given."""
        return next((text for key, text in self.arguments if key == name), None)


@dataclass(frozen=True, slots=True)
class Profile:
    """What to do with the elements of an instance: ``elements`` are asked in order, the first answer counts.

    ``warnings`` say what was accepted but has no effect or another one than Karnak's; they do not count when comparing.
    """

    name: str
    version: str = ""
    minimum_karnak_version: str = ""
    default_issuer: str = ""
    elements: tuple[ElementSpec, ...] = ()
    masks: tuple[Mask, ...] = ()
    warnings: tuple[Fault, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Project:
    """What makes the pseudonyms of one study its own: a name for people and a ``secret`` of 16 bytes for the hashes.

    ``compat_karnak`` reproduces Karnak 1.2 with all its quirks. The switches below it do so one by one, where results
    that are continued need it:

    * ``hash_encoding`` "us-ascii" hashes as Karnak up to 1.1.1 did; only text beyond ASCII differs. ``compat_karnak``
      leaves it alone.
    * ``sequence_inheritance`` "karnak" hands the action of a sequence's row down to all its content.
    * ``server_timezone``, such as "Europe/Zurich", tells date times that have an offset in that zone, without it;
      None leaves them their own clock and offset.
    * ``time_shift`` "independent" wraps times around midnight without moving their dates.
    """

    name: str
    secret: bytes = field(repr=False)
    hash_encoding: HashEncoding = "utf-8"
    compat_karnak: bool = False
    sequence_inheritance: SequenceInheritance = "resolved"
    server_timezone: str | None = None
    time_shift: TimeShift = "paired"

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_LENGTH:
            raise InvalidSecret(f"a project secret has {SECRET_LENGTH} bytes, not {len(self.secret)}")
        if self.server_timezone is not None:
            zone_of(self.server_timezone)

    @property
    def inherits_into_sequences(self) -> bool:
        """Whether content without a row of its own gets the action of the sequence around it (spec Q4)."""
        return self.compat_karnak or self.sequence_inheritance == "karnak"

    @property
    def pairs_times(self) -> bool:
        """Whether a time that crosses midnight takes its date along."""
        return not self.compat_karnak and self.time_shift == "paired"

    @property
    def zone(self) -> tzinfo | None:
        """The zone to tell date times in, None to leave them theirs."""
        if self.server_timezone is not None:
            return zone_of(self.server_timezone)
        return UTC if self.compat_karnak else None


def zone_of(name: str) -> tzinfo:
    """The time zone of that IANA name. Raises `DeidError`."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise DeidError(f"server_timezone {name!r} is no time zone; give an IANA name such as Europe/Zurich") from None
