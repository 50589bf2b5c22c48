from __future__ import annotations

import pytest

from philae.deid.elements import CATALOGUE
from philae.deid.profile_checks import DATE_OPTIONS
from philae.deid.profile_rules import CODENAMES, RULES
from philae.web.forms.fields import Field
from philae.web.forms.profile_fields import (
    OFFERED,
    UNIQUE,
    argument_shown_for,
    fields_of_element,
    fields_of_mask,
)


def keys(fields: tuple[Field, ...]) -> set[str]:
    return {field.key for field in fields}


def test_every_element_that_there_is_can_be_built() -> None:
    assert set(OFFERED) == set(CODENAMES) == {element.codename for element in CATALOGUE}
    assert set(UNIQUE) < set(OFFERED)


@pytest.mark.parametrize("codename", CODENAMES)
def test_an_element_has_a_field_for_everything_that_it_may_say(codename: str) -> None:
    fields = fields_of_element(codename, "profileElements.0")

    rule = RULES[codename]
    assert keys(fields) == {"name", "condition", *rule.keys}
    arguments = next((field.fields for field in fields if field.key == "arguments"), ())
    assert keys(arguments) == set(rule.arguments)
    assert all(field.name.startswith("profileElements.0.") for field in (*fields, *arguments))


def test_an_argument_is_shown_with_the_option_that_it_belongs_to() -> None:
    shown = {argument_shown_for(name) for name in RULES["action.on.dates"].arguments}

    assert shown == set(DATE_OPTIONS)
    assert argument_shown_for("expr") == ""


def test_a_codename_that_nobody_knows_keeps_its_name() -> None:
    assert keys(fields_of_element("no.such.thing", "profileElements.0")) == {"name", "condition"}
    assert "stationName" in keys(fields_of_mask("masks.0"))
