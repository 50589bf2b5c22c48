"""The French catalogue, and which language a page speaks."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from starlette.requests import Request

from philae.admin.tokens import SCOPES
from philae.dicom.standard.dictionary import attributes
from philae.web import language as language_room
from philae.web.forms import destination_sections, labels, profile_fields
from philae.web.language import CATALOGUES, FAULT, PLACE, language, language_of
from tests.support.sentences import ROOT, Source, source, template

WEB = Path(language_room.__file__).parent
ATTRIBUTES = {each.name for each in attributes()}
ROOMS = (
    "admin/**/*.py",
    "app/removed.py",
    "config/*.py",
    "deid/**/*.py",
    "destinations/**/*.py",
    "dicom/**/*.py",
    "dimse/*.py",
    "notifications/*.py",
    "pipeline/*.py",
    "pseudonyms/**/*.py",
    "store/*.py",
    "tools/*.py",
    "web/oidc.py",
    "web/pages/*.py",
)
"""Where sentences come from that pages show."""
NEVER_ON_PAGES = {
    *("config/oidc.py", "config/settings.py", "config/settings_sources.py"),  # what stops a gateway from starting
    *("store/schema.py", "store/secret_keys.py"),  # the same
    *("dimse/acceptor.py", "dimse/provider.py", "dimse/serving.py"),  # what senders hear
    *("pipeline/answer.py", "pipeline/spool.py", "store/spool_draft.py"),  # the same
    *("dimse/fragments.py", "dimse/requestor.py", "dimse/states.py", "pipeline/outcome.py"),  # faults of our own code
}
TELLERS = {
    *("Alarm", "DocumentFault", "Excluded", "Failure", "Fault", "Finding", "Receipt", "Said", "Settlement", "Skipped"),
    *("Step", "StoreStatus", "ValueError", "__init__", "ended", "fault"),
}
"""Calls that are given sentences, beside those of our own exceptions."""
RETURNING = {
    *("__str__", "advice_for", "failure_in_words", "next_step", "not_defaced", "refusal", "remark", "remedy", "words"),
    *("_broken", "_decoding", "_fault"),
}
"""Functions that return sentences."""


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


def said() -> Iterator[str]:
    """Every sentence by which a room says what is wrong, or what it found, with the places where it differs."""
    tellers = TELLERS | exceptions()
    for path in sorted({path for room in ROOMS for path in ROOT.glob(room)}):
        if path.relative_to(ROOT).as_posix() not in NEVER_ON_PAGES:
            read = source(path)
            told = map(whole, {*read.given_to(tellers), *read.returned_by(RETURNING)})
            yield from (text for text in told if is_sentence(text))


def exceptions() -> set[str]:
    """The names of our own."""
    bases = dict(each for path in ROOT.rglob("*.py") for each in source(path).bases())
    known = {name for name, each in vars(builtins).items() if isinstance(each, type) and issubclass(each, Exception)}
    while found := {name for name, each in bases.items() if each & known} - known:
        known |= found
    return known & bases.keys()


def whole(text: str) -> str:
    """As it is in catalogues: other texts stand before what begins with ``; ``, and behind what ends with a space."""
    text = text.removeprefix("; ")
    return f"{text}%({len(PLACE.findall(text)) + 1})s" if text.endswith(" ") else text


def is_sentence(text: str) -> bool:
    """Neither a single word, nor the name of an attribute, nor a place in a document (``masks[0] color``)."""
    attribute = re.sub(r" \([0-9A-F]{4},[0-9A-F]{4}\)$", "", text)
    if attribute in ATTRIBUTES or re.fullmatch(r"%\(1\)s [\w.]+(%\(2\)s)?", text):
        return False
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


def test_everything_that_rooms_say_is_there_in_french(french: dict[Any, Any]) -> None:
    texts = set(said())

    assert len(texts) > 800
    assert sorted(text for text in texts if not french.get(text)) == []


def test_every_step_of_an_examination_is_there_in_french(french: dict[Any, Any]) -> None:
    rooms = (path for room in ("destinations", "tools") for path in ROOT.joinpath(room).rglob("*.py"))
    texts = {template(call.args[0]) for path in rooms for call in source(path).calls_of("Step")}

    assert {"write", "TCP connection", "album %(1)s"} <= texts
    assert sorted(text for text in texts if re.search("[a-z]{3}", text) and not french.get(text)) == []


def test_a_sentence_is_found_however_it_comes_to_be_said(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text(
        "WHY = {1: 'by a table', 2: 'by another row'}\n"
        "def fail(name, remedy='by a default'):\n"
        "    words = f'{name} by a name'\n"
        "    raise Ill(f'by a place {WHY.get(name)}: {because(name)}', words if name else remedy)\n"
        "def because(name):\n"
        "    return 'by a function ' + name\n"
        "def again():\n"
        "    fail('by an argument')\n"
        "    log('by nobody')\n"
    )

    assert set(Source(tmp_path / "room.py").given_to({"Ill"})) == {
        *("by a place %(1)s: %(2)s", "by a table", "by another row", "%(1)s by a name", "by a default"),
        *("by an argument", "by a function %(1)s"),
    }


def test_a_fault_of_another_room_is_told_in_the_language_of_the_page() -> None:
    told = language("fr").fault

    assert told("Input should be less than or equal to 65535").endswith("doit être d\u2019au plus 65535")
    assert told("profile 'Basic' is used by Trial; give these projects another one first").startswith(
        "le profil 'Basic' est utilisé par Trial ; "
    )
    assert told("column 5: there is no function now; did you mean not?").endswith("vouliez-vous dire not ?")


@pytest.mark.parametrize(
    "english, french",
    [
        (
            "PHILAE calling PACS: association rejected permanently: calling AE title not recognized",
            "PHILAE appelle PACS : association rejetée définitivement : AE title appelant non reconnu",
        ),
        ("localhost is ::1, 127.0.0.1", "localhost a pour adresse ::1, 127.0.0.1"),
        ("4 connections: 0.1 / 0.2 / 0.3 ms (least / mean / most), 0 % lost", None),
        ("cannot write in /out: Permission denied", "écriture impossible dans /out : permission refusée"),
        ("text in 3 places of 4 views, 2 masked, not defaced, since it shows no head", None),
        ("0000H success; storage commitment awaited", "0000H succès ; engagement de stockage attendu"),
    ],
)
def test_a_message_made_of_others_is_translated_as_a_whole(english: str, french: str | None) -> None:
    told = language("fr").fault(english)

    assert told == french if french else not re.search("connections|lost|places|since", told)


def test_what_a_receiver_or_a_person_said_stays_as_it_came() -> None:
    told = language("fr").fault

    assert told("A700H refused, out of resources: the file cannot be read") == (
        "A700H refusé, ressources épuisées : the file cannot be read"
    )
    assert told("discarded by anna: wrong patient: write (was held: the pseudonym is blank)") == (
        "abandonné par anna : wrong patient: write (était retenu : le pseudonyme est vide)"
    )
    assert told("destination folder of write cannot be reached since noon").startswith("la destination folder de write")
    assert told("ERROR: no room; call 1234 (IT)") == "ERROR: no room; call 1234 (IT)"


def test_what_nobody_translated_stays_as_it_is() -> None:
    assert language("fr").fault("a fault from nowhere") == "a fault from nowhere"
    assert language("en").fault("unknown key") == "unknown key"


def test_a_translation_has_the_places_of_its_original() -> None:
    def places(text: Any) -> set[str]:
        return set(re.findall(r"%\((\w+)\)[sr]", "".join(text)))

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
