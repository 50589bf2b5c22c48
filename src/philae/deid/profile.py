"""A de-identification profile and the project that uses it, as frozen values."""

from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from philae.deid.errors import Fault, InvalidSecret
from philae.dicom.tags import TagPattern

HashEncoding: TypeAlias = Literal["utf-8", "us-ascii"]

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
    """Rectangles to fill in the images of one station; ``*`` is any station, no size is any size."""

    station_name: str
    width: int | None = None
    height: int | None = None
    color: Color = BLACK
    rectangles: tuple[Rectangle, ...] = ()
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

    ``hash_encoding`` "us-ascii" continues data made by Karnak up to 1.1.1; ``compat_karnak`` reproduces its quirks.
    """

    name: str
    secret: bytes = field(repr=False)
    hash_encoding: HashEncoding = "utf-8"
    compat_karnak: bool = False

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET_LENGTH:
            raise InvalidSecret(f"a project secret has {SECRET_LENGTH} bytes, not {len(self.secret)}")
