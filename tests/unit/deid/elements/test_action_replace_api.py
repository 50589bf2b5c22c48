"""Values that a web service knows, asked before the engine runs."""

from __future__ import annotations

import pytest

from philae.deid.errors import DeidError
from philae.deid.profile import ElementSpec
from philae.deid.requests import Failure, Reply, Request
from philae.dicom.scan import deflate
from philae.dicom.splice import joined
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_LE, TransferSyntax
from philae.dicom.tags import parse_tag_pattern
from tests.support.engine import BASIC, NOW, engine, instance, on_tags
from tests.support.trees import Element, encoded, parse, text

STUDY = 0x00081030
PERSON = Request("GET", "https://registry.example/p/PATIENT-1")


def lookup(*tags: str, condition: str | None = None, **arguments: str) -> ElementSpec:
    known = {"url": "https://registry.example/p/{{getString(#Tag.PatientID)}}", "responsePath": "/name"} | arguments
    return ElementSpec(
        "Ask",
        "action.replace.api",
        condition,
        arguments=tuple(known.items()),
        tags=tuple(map(parse_tag_pattern, tags)),
    )


def replaced(element: ElementSpec, reply: Reply, value: str = "Head") -> Element | None:
    source = encoded(instance(text(STUDY, "LO", value)))
    _, segments = engine(element, BASIC).apply(source, pseudonym="P", now=NOW, replies={PERSON: reply})
    return {found.tag: found for found in parse(joined(source.source, segments))}.get(STUDY)


def test_a_profile_tells_what_it_asks_and_uses_the_answer() -> None:
    compiled = engine(lookup("StudyDescription"), BASIC)
    source = encoded(instance(text(STUDY, "LO", "Head")))

    assert compiled.requests(source, pseudonym="P") == (PERSON,)
    assert replaced(lookup("StudyDescription"), '{"name": "Skull"}') == text(STUDY, "LO", "Skull")


def test_nothing_is_asked_that_does_not_matter() -> None:
    compiled = engine(
        on_tags("X", "StudyDescription"),
        lookup("StudyDescription", "PatientComments", "PatientID"),
        lookup("SOPClassUID", condition="tagIsPresent(#Tag.Modality)"),
        BASIC,
    )

    assert compiled.requests(encoded(instance(text(STUDY, "LO", "Head"))), pseudonym="P") == ()


def test_a_request_is_made_once_however_often_its_answer_is_used() -> None:
    nested = Element(0x00081110, "SQ", [[text(STUDY, "LO", "Head")], [text(STUDY, "LO", "Neck")]])
    compiled = engine(lookup("StudyDescription", "ReferencedStudySequence"), BASIC)
    source = encoded(instance(text(STUDY, "LO", "Head"), nested))

    assert compiled.requests(source, pseudonym="P") == (PERSON,)
    _, segments = compiled.apply(source, pseudonym="P", now=NOW, replies={PERSON: '{"name": "X"}'})
    out = {found.tag: found for found in parse(joined(source.source, segments))}
    assert out[0x00081110].value == [[text(STUDY, "LO", "X")]] * 2


def test_a_post_sends_its_body() -> None:
    element = lookup(
        "StudyDescription", method="POST", body='{"id": "{{getString(#Tag.PatientID)}}"}', authConfig="reg"
    )
    source = encoded(instance(text(STUDY, "LO", "Head"), text(0x00100020, "LO", 'A"B')))

    (request,) = engine(element).requests(source, pseudonym="P")

    assert (request.method, request.body, request.authentication) == ("POST", '{"id": "A\\"B"}', "reg")
    assert request.url == "https://registry.example/p/A%22B"


@pytest.mark.parametrize("reply", [Failure("host answered 503"), "{}", "no JSON", '{"name": ""}'])
def test_any_failure_takes_the_default_or_holds_the_instance(reply: Reply) -> None:
    assert replaced(lookup("StudyDescription", defaultValue="none"), reply) == text(STUDY, "LO", "none")
    assert replaced(lookup("StudyDescription", defaultValue=""), reply) == text(STUDY, "LO", "")
    with pytest.raises(DeidError, match="'Ask'"):
        replaced(lookup("StudyDescription"), reply)


def test_an_instance_is_never_planned_without_the_answers() -> None:
    source = encoded(instance(text(STUDY, "LO", "Head")))

    with pytest.raises(DeidError, match="web services"):
        engine(lookup("StudyDescription", defaultValue="none"), BASIC).plan(source, pseudonym="P", now=NOW)


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, DEFLATED_LE])
def test_deflated_instances_ask_too(syntax: TransferSyntax) -> None:
    plain = encoded(instance(text(STUDY, "LO", "Head")), syntax)
    raw = deflate(plain, [bytes(plain.source)]) if syntax.deflated else bytes(plain.source)
    source = type(plain)(raw, 0, len(raw), syntax)

    assert engine(lookup("StudyDescription")).requests(source, pseudonym="P") == (PERSON,)


def test_profiles_that_ask_nobody_have_no_requests() -> None:
    assert engine(BASIC).requests(encoded(instance()), pseudonym="P") == ()
