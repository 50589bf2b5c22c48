"""The languages that pages speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
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
"""The context, in a catalogue, of what other rooms say: of something that is not right, of what they found."""
PLACE: Final = re.compile(r"%\((\d+)\)[sr]")
"""What in such a message is different every time; ``r``, in a translation, is what somebody else said."""
_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class Language:
    """How a page speaks to its reader."""

    code: str
    translations: NullTranslations

    def text(self, message: str) -> str:
        """The message in this language."""
        return self.translations.gettext(message) if message else ""

    def fault(self, message: str) -> str:
        """What another room, which speaks English only, says of something; as it came where nobody translated it."""
        return _said(self.code, message, _DEEPEST)

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


@dataclass(frozen=True, slots=True)
class _Fault:
    """How a message reads, and its translation."""

    pattern: re.Pattern[str]
    sign: str
    """The longest text that is in it every time."""
    translated: str
    quoted: frozenset[int]
    """The places of what somebody else said: that stays as it came."""
    has_words: bool
    """Without a word of its own it is a message only where something of ours stands in its places."""
    particular: int

    @property
    def rank(self) -> tuple[bool, int]:
        """The most particular first, and before all of them what quotes without a word of its own."""
        return self.has_words or not self.quoted, -self.particular

    def filled(self, parts: Sequence[str]) -> str:
        """The translation with ``parts`` in its places."""
        return PLACE.sub(lambda place: parts[int(place[1]) - 1], self.translated)


def _read_fault(message: str, translated: str) -> _Fault:
    fixed = PLACE.split(message)[::2]
    return _Fault(
        re.compile("(.*?)".join(map(re.escape, fixed)), re.DOTALL),
        max(fixed, key=len),
        translated,
        frozenset(int(place[1]) for place in PLACE.finditer(translated) if place[0].endswith("r")),
        re.search("[a-z]{2}", "".join(fixed)) is not None,
        sum(map(len, fixed)),
    )


@cache
def _faults(code: str) -> tuple[_Fault, ...]:
    known = (_read_fault(str(each.id), str(each.string)) for each in _catalogue(code) if each.context == FAULT)
    return tuple(sorted(known, key=lambda fault: fault.rank))


@lru_cache(maxsize=4096)
def _said(code: str, message: str, depth: int) -> str:
    """The translation; ``depth`` is how often a part of it may be a message itself."""
    for fault in _faults(code) if depth else ():
        if fault.sign in message and (found := fault.pattern.fullmatch(message)):
            parts = tuple(
                part if number in fault.quoted else _said(code, part, depth - 1)
                for number, part in enumerate(found.groups(), 1)
            )
            if fault.has_words or parts != found.groups():
                return fault.filled(parts)
    return message


def _catalogue(code: str) -> Catalog:
    if code == "en":
        return Catalog()
    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)
