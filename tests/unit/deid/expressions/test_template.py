from __future__ import annotations

import json
from typing import Any

import pytest

from philae.deid.expressions import ExpressionError, Form, WalkedElement, compile_template
from tests.support.attributes import attributes, attributes_of
from tests.support.golden import golden
from tests.support.trees import text

NAME = WalkedElement(0x00100010, "PN")
ID = "{{getString(#Tag.PatientID)}}"


@pytest.mark.parametrize("vector", golden("unit_test", "templating"), ids=lambda vector: vector["template"][:40])
def test_templates_of_karnak_are_filled_in_alike(vector: dict[str, Any]) -> None:
    form = Form.URL if vector["template"].startswith("http") else Form.JSON
    instance = attributes_of([text(int(tag, 16), "LO", value) for tag, value in sorted(vector["context"].items())])

    assert compile_template(vector["template"], form).render(NAME, instance) == vector["result"]


@pytest.mark.parametrize(
    "value, inserted",
    [
        ("a/b?c#d&e", "a%2Fb%3Fc%23d%26e"),
        ("a b$1", "a%20b%241"),
        ("%2F", "%252F"),
        ("", ""),
        ("a\\..\\b", "a%5C..%5Cb"),
    ],
)
def test_values_cannot_change_the_structure_of_a_url(value: str, inserted: str) -> None:
    template = compile_template(f"https://host/p/{ID}/x?id={ID}", Form.URL)

    url = template.render(NAME, attributes(PatientID=value))

    assert url == f"https://host/p/{inserted}/x?id={inserted}"


@pytest.mark.parametrize("value", [".", ".."])
def test_values_cannot_lead_to_another_path(value: str) -> None:
    template = compile_template(f"https://host/patients/{ID}", Form.URL)

    with pytest.raises(ExpressionError, match="another path"):
        template.render(NAME, attributes(PatientID=value))


@pytest.mark.parametrize("url", [f"https://{ID}/", f"https://host{ID}/", f"https://host:{ID}/", ID, f"//host/{ID}"])
def test_values_cannot_choose_the_host(url: str) -> None:
    with pytest.raises(ExpressionError, match="host"):
        compile_template(url, Form.URL)


@pytest.mark.parametrize("value", ['"', "\\", 'a", "admin": "1', "Jürg\u2028", "$0"])
def test_values_stay_texts_inside_the_quotes_of_a_body(value: str) -> None:
    template = compile_template(f'{{"note": "a \\" b", "id": "x{ID}", "n": 1}}', Form.JSON)
    instance = attributes_of(
        [text(0x00080005, "CS", "ISO_IR 192"), text(0x00100020, "LO", "")._replace(value=value.encode())]
    )

    body = json.loads(template.render(NAME, instance))

    assert body == {"note": 'a " b', "id": f"x{value}", "n": 1}


@pytest.mark.parametrize("value, inserted", [("12", 12), ("-1.5e3", -1500.0), ("true", True), ("", None)])
def test_numbers_and_words_may_stand_outside_of_quotes(value: str, inserted: object) -> None:
    template = compile_template(f'{{"id": {ID}}}', Form.JSON)

    assert json.loads(template.render(NAME, attributes(PatientID=value))) == {"id": inserted}


@pytest.mark.parametrize("value", ['1, "admin": true', "007", "a", "NaN", '"a"'])
def test_texts_outside_of_quotes_are_refused_without_telling_them(value: str) -> None:
    template = compile_template(f'{{"id": {ID}}}', Form.JSON)

    with pytest.raises(ExpressionError, match="outside of quotes") as raised:
        template.render(NAME, attributes(PatientID=value))

    assert "admin" not in str(raised.value)
    assert raised.value.column == 8


def test_braces_may_hold_braces_in_quotes() -> None:
    template = compile_template(
        "https://host/{{ stringValue matches 'a{2}}?' ? 'yes' : 'no' }}/{{tag}}{{vr}}", Form.URL
    )

    assert template.render(NAME, attributes(PatientName="aa")) == "https://host/yes/1048592PN"


FAULTS = {
    "https://host/{{getString(#Tag.PatientID}}/x": "ends too early",
    "https://host/{{}}": "hold no expression",
    "https://host/{{ }}": "there is no expression",
    "https://host/{{tag": "stay open",
    "https://host/{{tag}": "stay open",
    "https://host/{{'a}}": "stay open",
    "https://host/{{Keep()}}": r"there is no function Keep\(\)",
    "https://host/{{tagValues(#Tag.ImageType)}}": "a list is no text",
    "https://host/{{stringValue.length()}}": r"write \?\.length",
    "https://host/{{" * 1000: "hold no expression|braces have no meaning",
    "https://host/" + "a" * 20_000: "too long",
    "https://host/\ud800": "broken",
}


@pytest.mark.parametrize("template", FAULTS, ids=lambda template: repr(template[:40]))
def test_templates_that_cannot_be_filled_in_are_refused(template: str) -> None:
    with pytest.raises(ExpressionError, match=FAULTS[template]):
        compile_template(template, Form.URL)


def test_faults_are_told_with_their_place_in_the_template() -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_template('{\n "id": "{{ getString(#Tag.PatientNam) }}"}', Form.JSON)

    assert (raised.value.line, raised.value.column) == (2, 22)
