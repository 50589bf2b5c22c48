"""The schema for editors agrees with what loading accepts."""

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from philae.deid.errors import ProfileFaults
from philae.deid.profile_file import load_profile
from philae.deid.profile_rules import CODENAMES
from philae.deid.profile_schema import profile_schema

MINIMAL: dict[str, dict[str, Any]] = {
    "basic.dicom.profile": {"arguments": {"options": ["retain-uids"]}},
    "action.on.specific.tags": {"action": "X", "tags": ["(0010,0010)"]},
    "action.on.privatetags": {"action": "K"},
    "action.on.dates": {"option": "format_date", "arguments": {"remove": "day"}},
    "expression.on.tags": {"arguments": {"expr": "Keep()"}, "tags": ["PatientName"]},
    "action.add.tag": {"arguments": {"value": "YES"}, "tags": ["(0028,0301)"]},
    "action.add.private.tag": {"arguments": {"value": "1", "vr": "LO", "privateCreator": "A"}, "tags": ["(0057,1000)"]},
    "action.replace.api": {"arguments": {"url": "https://e/", "responsePath": ""}, "tags": ["(0010,0010)"]},
}
MASK = {"stationName": "*", "color": "ff0000", "rectangles": ["1 2 3 4"]}


def profile(codename: str = "basic.dicom.profile", **keys: Any) -> dict[str, Any]:
    return {"name": "P", "profileElements": [{"name": "E", "codename": codename, **keys}]}


WRONG = [
    {},
    {"name": "P", "profileElements": []},
    {**profile(), "masks": [{**MASK, "imageWidth": 4}]},
    {**profile(), "masks": [{**MASK, "rectangles": ["1 2 3"]}]},
    {**profile(), "author": "A"},
    profile("no.such.codename"),
    profile(actions="X"),
    profile("action.on.specific.tags", action="Q", tags=["(0010,0010)"]),
    profile("action.on.specific.tags", action="X"),
    profile("action.on.dates", option="sometimes"),
    profile("action.on.dates", option="date_format", arguments={"remove": "year"}),
    profile("basic.dicom.profile", arguments={"options": ["retain-everything"]}),
    profile("action.add.tag", arguments={"valeu": "YES"}, tags=["(0028,0301)"]),
]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(profile_schema())


@pytest.mark.parametrize("codename", CODENAMES)
def test_every_codename_has_a_form_that_both_accept(codename: str) -> None:
    document = {**profile(codename, **MINIMAL.get(codename, {})), "masks": [MASK]}

    assert load_profile(yaml.safe_dump(document)).elements[0].codename == codename
    assert not list(Draft202012Validator(profile_schema()).iter_errors(document))


@pytest.mark.parametrize("document", WRONG)
def test_what_the_schema_refuses_does_not_load(document: dict[str, Any]) -> None:
    assert list(Draft202012Validator(profile_schema()).iter_errors(document))
    with pytest.raises(ProfileFaults):
        load_profile(yaml.safe_dump(document))
