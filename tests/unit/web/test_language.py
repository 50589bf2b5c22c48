"""The French catalogue, and which language a page speaks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from starlette.requests import Request

from philae.admin.tokens import SCOPES
from philae.web import language as language_room
from philae.web.forms import destination_sections, labels, profile_fields
from philae.web.language import CATALOGUES, FAULT, PLACE, language, language_of

WEB = Path(language_room.__file__).parent
WRONG = {
    "Alarm",
    "Declined",
    "DocumentFault",
    "ExpressionError",
    "Fault",
    "Faulty",
    "Missing",
    "Problem",
    "Unanswerable",
    "ValueError",
    "fault",
}
"""Calls that are given what is wrong, in words."""
ROOMS = (
    "admin/*.py",
    "admin/notifications/alarms.py",
    "config/*.py",
    "deid/expressions/*.py",
    "deid/profile_*.py",
    "destinations/*/settings.py",
    "pseudonyms/*.py",
    "web/pages/*.py",
)
NEVER_ON_PAGES = {"config/settings.py", "config/oidc.py"}  # what stops a gateway from starting


def shown() -> set[str | tuple[str, ...]]:
    """Everything that pages say, but for the hints that come from the models of the configuration."""
    found = extract_from_dir(
        WEB,
        method_map=[("templates/**.html", "jinja2"), ("pages/**.py", "python")],
        options_map={"templates/**.html": {"newstyle_gettext": "true"}},
        keywords={"_": None, "ngettext": (1, 2), "N_": None},
    )
    of_forms = {
        *labels._LABELS.values(),
        *destination_sections.TITLES,
        *profile_fields.OFFERED.values(),
        *profile_fields._HINTS.values(),
    }
    return {message for _, _, message, _, _ in found} | of_forms | set(SCOPES.values())


def faults() -> Iterator[str]:
    """Every sentence by which a room says what is wrong, with the places where it differs."""
    root = WEB.parent
    for path in sorted(path for room in ROOMS for path in root.glob(room)):
        if path.relative_to(root).as_posix() not in NEVER_ON_PAGES:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield from filter(is_sentence, map(template, said_by(node)))


def said_by(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call) and called(node.func) in WRONG:
        return [*node.args, *(each.value for each in node.keywords)]
    if isinstance(node, ast.Assign) and called(node.targets[0]) in {"words", "remedy", "what"}:
        return [node.value]
    return []


def called(function: ast.expr) -> str:
    return str(getattr(function, "id", getattr(function, "attr", "")))


def template(text: ast.expr) -> str:
    if isinstance(text, ast.Constant):
        return str(text.value)
    if not isinstance(text, ast.JoinedStr):
        return ""
    places = iter(range(1, len(text.values) + 1))
    return "".join(str(part.value) if isinstance(part, ast.Constant) else f"%({next(places)})s" for part in text.values)


def is_sentence(text: str) -> bool:
    return " " in text.strip() and re.search("[a-z]{3}", PLACE.sub("", text)) is not None


def asking(accept_language: str, cookie: str = "") -> Request:
    headers = [(b"accept-language", accept_language.encode()), (b"cookie", cookie.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.fixture(scope="module")
def french() -> dict[Any, Any]:
    with (CATALOGUES / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale="fr") if message.id}


def test_everything_that_pages_say_is_there_in_french(french: dict[Any, Any]) -> None:
    assert sorted(str(each) for each in shown() if not french.get(each)) == []


def test_every_fault_that_a_page_may_show_is_there_in_french(french: dict[Any, Any]) -> None:
    texts = set(faults())

    assert len(texts) > 150
    assert sorted(text for text in texts if not french.get(text)) == []


def test_a_fault_of_another_room_is_told_in_the_language_of_the_page() -> None:
    said = language("fr").fault

    assert said("Input should be less than or equal to 65535").endswith("doit être d\u2019au plus 65535")
    assert said("profile 'Basic' is used by Trial; give these projects another one first").startswith(
        "le profil 'Basic' est utilisé par Trial ; "
    )
    assert said("column 5: there is no function now; did you mean not?").endswith("vouliez-vous dire not ?")


def test_what_nobody_translated_stays_as_it_is() -> None:
    assert language("fr").fault("a fault from nowhere") == "a fault from nowhere"
    assert language("en").fault("unknown key") == "unknown key"


def test_a_translation_has_the_places_of_its_original() -> None:
    def places(text: Any) -> set[str]:
        return set(re.findall(r"%\(\w+\)s", "".join(text)))

    with (CATALOGUES / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = [message for message in read_po(file, locale="fr") if message.id]

    assert [each.id for each in catalogue if not places(each.string) <= places(each.id)] == []
    assert [each.id for each in catalogue if each.context != FAULT and places(each.id) != places(each.string)] == []


def test_the_reader_is_asked_before_the_browser() -> None:
    assert language_of(asking("fr-CH, fr;q=0.9, en;q=0.8")).code == "fr"
    assert language_of(asking("fr-CH", "philae_language=en")).code == "en"
    assert language_of(asking("de, ja")).code == "en"
    assert language_of(asking("", "philae_language=klingon")).code == "en"


def test_numbers_are_written_as_the_language_does() -> None:
    assert language("en").number(1234567) == "1,234,567"
    assert language("fr").number(1234567) == "1\u202f234\u202f567"
