"""Text burned into the frames of an image: found, compared with the instance's identifiers, put on a mask."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from unicodedata import combining, normalize

from philae.deid.pixels.errors import TextFound, UnusableMask
from philae.deid.pixels.masks import Area, areas_of
from philae.deid.pixels.scripts import is_readable
from philae.deid.pixels.text_finder import text_areas, text_in
from philae.deid.pixels.views import views
from philae.deid.profile import Mask, Rectangle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from philae.deid.pixels.module import Image
    from philae.deid.pixels.order import Detection

_ALIKE: Final = str.maketrans("01i|!5826", "ollllsbzb", " \t\n.,:;^_-/\\'\"()[]")
"""What is hard to tell apart in small print counts as the same; blanks and punctuation do not count."""
_WORD: Final = re.compile(r"[^\W_]+")
_SHORT: Final = 2
"""So few letters name somebody only as a word of their own."""


@dataclass(frozen=True, slots=True)
class FoundText:
    """Text in the frames of an image: the areas to cover, how many there are in all and how many name the patient.

    ``views`` says how many pictures were looked at for that, of ``frames``.
    """

    covered: tuple[Area, ...]
    count: int
    identifying: int
    views: int
    frames: int = 1

    @property
    def remark(self) -> str:
        """For the record."""
        named = f", {self.identifying} with identifiers" if self.identifying else ""
        loop = f" of {self.frames} frames" if self.frames > 1 else ""
        return f"text in {self.count} places of {self.views} views{loop}, {len(self.covered)} masked{named}"


def with_text(image: Image, mask: Mask | None, detection: Detection) -> tuple[Mask, FoundText]:
    """The mask, and on it the text that is found beside it.

    Raises `TextFound` where the policy is to hold such instances, `UnusableMask` for an image that is said to hold
    text but shows none.
    """
    hidden = areas_of(mask, image.module) if mask is not None else ()
    found = found_text(image, detection, hidden)
    if detection.policy == "hold" and found.count:
        raise TextFound(found.count)
    if detection.is_told and mask is None and not found.count:
        raise UnusableMask("Burned In Annotation (0028,0301) is YES, but no text was found; add a mask for the station")
    rectangles = tuple(Rectangle(a.left, a.top, a.right - a.left - 1, a.bottom - a.top - 1) for a in found.covered)
    drawn = mask or Mask("*")
    return replace(drawn, rectangles=(*drawn.rectangles, *rectangles)), found


def found_text(image: Image, detection: Detection, hidden: Sequence[Area] = ()) -> FoundText:
    """The text in all views of the image, except in areas that are ``hidden`` anyway.

    Where an identifier is in a script that is not read, none of the text can be told from it, so all is covered.
    """
    covers_all = detection.policy != "report" or not all(map(is_readable, detection.identifiers))
    names = tuple(filter(None, map(_plain, detection.identifiers)))
    places: dict[Area, bool] = {}
    count = 0
    for look in views(image):
        count += 1
        goes = [*hidden, *_wanted(places, covers_all=covers_all)]
        for area in text_areas(look.view, goes if look.is_composed else None):
            if any(_inside(area, other) for other in hidden):
                continue
            is_known = places.get(area, False)
            places[area] = is_known or (detection.reads and _names(text_in(look.view, area), names))
    covered = _outermost(_wanted(places, covers_all=covers_all))
    return FoundText(tuple(covered), len(places), sum(places.values()), count, image.module.frames)


def _wanted(places: Mapping[Area, bool], *, covers_all: bool) -> list[Area]:
    """What is to be covered of the places, of which it is known whether they name the patient."""
    return [area for area, is_named in places.items() if is_named or covers_all]


def _names(text: str, names: Iterable[str]) -> bool:
    plain = _plain(text)
    words = frozenset(map(_plain, _WORD.findall(text)))
    return any(name in (plain if len(name) > _SHORT else words) for name in names)


def _plain(text: str) -> str:
    """Without accents, which small print and devices lose."""
    letters = (sign for sign in normalize("NFKD", text.casefold()) if not combining(sign))
    return "".join(letters).translate(_ALIKE)


def _inside(one: Area, other: Area) -> bool:
    return other.top <= one.top and one.bottom <= other.bottom and other.left <= one.left and one.right <= other.right


def _outermost(areas: Sequence[Area]) -> Iterator[Area]:
    """The areas that lie in no other."""
    for area in areas:
        if not any(_inside(area, other) and area != other for other in areas):
            yield area
