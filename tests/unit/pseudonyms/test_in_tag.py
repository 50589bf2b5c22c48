from __future__ import annotations

import zlib
from typing import Any

import pytest
from pydantic import ValidationError

from philae.deid.errors import MissingPseudonym
from philae.deid.profile import Project
from philae.dicom.scan import Encoded
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from philae.pseudonyms.in_tag import InTag, InTagSettings
from tests.support.trees import Element, Tree, encode, encoded, text

PROJECT = Project("Trial", bytes(16))
TREE: Tree = [
    text(0x00080005, "CS", "ISO_IR 192"),
    Element(0x00081140, "SQ", [[text(0x00100020, "LO", "NESTED")]]),
    Element(0x00100010, "PN", "Müller".encode() + b" "),
    text(0x00100020, "LO", "SITE-0042-B"),
    text(0x00101000, "LO", "first\\second"),
]


def pseudonym(tag: str = "(0010,0020)", data: Encoded | None = None, **settings: Any) -> str:
    return InTag(InTagSettings(tag=tag, **settings), PROJECT).pseudonym(data or encoded(TREE))


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
@pytest.mark.parametrize("undefined", [False, True])
def test_the_value_of_the_top_level_is_the_pseudonym(syntax: TransferSyntax, undefined: bool) -> None:
    assert pseudonym(data=encoded(TREE, syntax, undefined=undefined)) == "SITE-0042-B"


def test_a_deflated_dataset_is_looked_into() -> None:
    stream = zlib.compressobj(wbits=-15)
    raw = stream.compress(encode(TREE)) + stream.flush()

    assert pseudonym(data=Encoded(raw, 0, len(raw), DEFLATED_LE)) == "SITE-0042-B"


def test_a_part_of_the_value_is_chosen_by_delimiter_and_position() -> None:
    assert [pseudonym(delimiter="-", position=at) for at in range(3)] == ["SITE", "0042", "B"]


def test_the_delimiter_is_literal() -> None:
    dotted = encoded([text(0x00100020, "LO", "a.b")])

    assert pseudonym(data=dotted, delimiter=".", position=1) == "b"


def test_of_several_values_the_first_counts() -> None:
    assert pseudonym("(0010,1000)") == "first"


def test_the_character_set_of_the_dataset_is_honoured() -> None:
    assert pseudonym("(0010,0010)") == "Müller"


@pytest.mark.parametrize(
    "settings", [{"tag": "(0010,0040)"}, {"delimiter": "-", "position": 3}, {"tag": "(0010,0021)"}]
)
def test_without_a_value_there_is_no_pseudonym_and_the_attribute_is_named(settings: dict[str, Any]) -> None:
    with pytest.raises(MissingPseudonym, match=r"\(0010,00\d\d\) holds no pseudonym"):
        pseudonym(**settings)


@pytest.mark.parametrize("value", ["", "  "])
def test_a_blank_value_is_no_pseudonym(value: str) -> None:
    with pytest.raises(MissingPseudonym):
        pseudonym(data=encoded([text(0x00100020, "LO", value)]))


@pytest.mark.parametrize(
    "settings",
    [
        {"tag": "(0010,xxxx)"},
        {"tag": "no tag"},
        {"tag": "(0010,0020)", "delimiter": "-"},
        {"tag": "(0010,0020)", "position": 0},
        {"tag": "(0010,0020)", "delimiter": "-", "position": -1},
        {},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        InTagSettings.model_validate(settings)
