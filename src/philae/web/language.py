"""The languages that pages speak."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from philae.web.cookies import LANGUAGE

if TYPE_CHECKING:
    from starlette.requests import Request

NAMES: Final = {"en": "English", "fr": "Français"}
"""In the language itself."""
CATALOGUES: Final = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Language:
    """How a page speaks to its reader."""

    code: str
    translations: NullTranslations

    def text(self, message: str) -> str:
        """The message in this language."""
        return self.translations.gettext(message) if message else ""

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
    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
