"""The languages that pages speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from philae.web.cookies import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

NAMES: Final = {"en": "English", "fr": "Français"}
"""In the language itself."""
CATALOGUES: Final = Path(__file__).parent / "locale"
FAULT: Final = "fault"
"""The context, in a catalogue, of what other rooms say of something that is not right."""
PLACE: Final = re.compile(r"%\((\d+)\)s")
"""What in such a message is different every time."""


@dataclass(frozen=True, slots=True)
class Language:
    """How a page speaks to its reader."""

    code: str
    translations: NullTranslations

    def text(self, message: str) -> str:
        """The message in this language."""
        return self.translations.gettext(message) if message else ""

    def fault(self, message: str) -> str:
        """What another room, which speaks English only, says is not right; as it came where nobody translated it."""
        for pattern, translated in _faults(self.code):
            if found := pattern.fullmatch(message):
                return _filled(translated, [self.fault(part) for part in found.groups()])
        return message

    def number(self, value: float) -> str:
        """With the separators of this language."""
        return format_decimal(value, locale=Locale.parse(self.code))


@cache
def language(code: str) -> Language:
    """One of `NAMES`."""
    return Language(code, NullTranslations() if code == "en" else _translations(code))


def language_of(request: Request) -> Language:
    """What the reader chose, or else what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in NAMES:
        return language(chosen)
    wanted = [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return language(negotiate_locale(wanted, list(NAMES), sep="-") or "en")


def _translations(code: str) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, _catalogue(code))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _faults(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """How each message reads, and its translation; the most particular first."""
    known = [(str(each.id), str(each.string)) for each in _catalogue(code) if each.context == FAULT]
    known.sort(key=lambda pair: len(PLACE.sub("", pair[0])), reverse=True)
    return tuple((_pattern(message), translated) for message, translated in known)


def _pattern(message: str) -> re.Pattern[str]:
    fixed = PLACE.split(message)[::2]
    return re.compile("(.*?)".join(map(re.escape, fixed)), re.DOTALL)


def _filled(message: str, parts: Sequence[str]) -> str:
    return PLACE.sub(lambda place: parts[int(place[1]) - 1], message)


def _catalogue(code: str) -> Catalog:
    if code == "en":
        return Catalog()
    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)
