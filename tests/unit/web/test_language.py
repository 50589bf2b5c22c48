"""The French catalogue, and which language a page speaks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from starlette.requests import Request

from philae.admin.tokens import SCOPES
from philae.web import language as language_room
from philae.web.forms import labels, profile_fields
from philae.web.language import CATALOGUES, language, language_of

WEB = Path(language_room.__file__).parent


def shown() -> set[str | tuple[str, ...]]:
    """Everything that pages say, but for the hints that come from the models of the configuration."""
    found = extract_from_dir(
        WEB,
        method_map=[("templates/**.html", "jinja2"), ("pages/**.py", "python")],
        options_map={"templates/**.html": {"newstyle_gettext": "true"}},
        keywords={"_": None, "ngettext": (1, 2), "N_": None},
    )
    of_forms = {*labels._LABELS.values(), *profile_fields.OFFERED.values(), *profile_fields._HINTS.values()}
    return {message for _, _, message, _, _ in found} | of_forms | set(SCOPES.values())


def asking(accept_language: str, cookie: str = "") -> Request:
    headers = [(b"accept-language", accept_language.encode()), (b"cookie", cookie.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.fixture(scope="module")
def french() -> dict[Any, Any]:
    with (CATALOGUES / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale="fr") if message.id}


def test_everything_that_pages_say_is_there_in_french(french: dict[Any, Any]) -> None:
    assert sorted(str(each) for each in shown() if not french.get(each)) == []


def test_a_translation_has_the_places_of_its_original(french: dict[Any, Any]) -> None:
    def places(text: str | tuple[str, ...]) -> set[str]:
        return set(re.findall(r"%\(\w+\)s", "".join(text)))

    assert [message for message, translated in french.items() if places(message) != places(translated)] == []


def test_the_reader_is_asked_before_the_browser() -> None:
    assert language_of(asking("fr-CH, fr;q=0.9, en;q=0.8")).code == "fr"
    assert language_of(asking("fr-CH", "philae_language=en")).code == "en"
    assert language_of(asking("de, ja")).code == "en"
    assert language_of(asking("", "philae_language=klingon")).code == "en"


def test_numbers_are_written_as_the_language_does() -> None:
    assert language("en").number(1234567) == "1,234,567"
    assert language("fr").number(1234567) == "1\u202f234\u202f567"
