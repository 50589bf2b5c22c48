from __future__ import annotations

import pytest

from philae.deid.engine import CompiledProfile
from philae.deid.tripwire import IdentifierLeft, Leak, Tripwire
from philae.dicom.scan import Encoded
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.datasets import encode, make_dataset
from tests.support.engine import BASIC, NOW, engine, instance, on_tags
from tests.support.trees import Element, Tree, encoded, text

NAME, OTHER_IDS, ACCESSION = 0x00100010, 0x00101000, 0x00080050
KEPT_TEXT = 0x00181210  # Convolution Kernel: no row of E.1-1
KERNEL = "(0018,1210) ConvolutionKernel"
SOP_INSTANCE = "1.2.3.4.5.6.7"


def leaks(compiled: CompiledProfile, source: Encoded, *, all_bytes: bool = False) -> tuple[Leak, ...]:
    plan = compiled.plan(source, pseudonym="PSEUDO-1", now=NOW)
    return Tripwire(compiled, all_bytes=all_bytes).leaks(source, plan)


def of(*elements: Element, compiled: CompiledProfile | None = None, syntax: TransferSyntax = EXPLICIT_LE) -> list[str]:
    found = leaks(compiled or engine(BASIC), encoded(instance(*elements), syntax))
    return [f"{each.path} {each.keyword}" for each in found]


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
@pytest.mark.parametrize(
    "left",
    ["Kernel of Featherstone", "featherstone", "x_FEATHERSTONE;", "ACC-20017", "PATIENT-1", SOP_INSTANCE, "for OID77"],
)
def test_an_identifier_in_kept_text_is_found(left: str, syntax: TransferSyntax) -> None:
    source = (
        text(ACCESSION, "SH", "ACC-20017"),
        text(NAME, "PN", "Featherstone^Jo"),
        text(OTHER_IDS, "LO", "OID77\\OID78"),
        text(KEPT_TEXT, "SH", left),
    )

    found = of(*source, syntax=syntax)

    assert found == [KERNEL]


@pytest.mark.parametrize(
    "kept", ["", "B30f", "Feather", "Featherstones", "ACC-2001", "1.2.3.4.5.6.78", "31.2.3.4.5.6.7"]
)
def test_what_only_looks_like_an_identifier_is_none(kept: str) -> None:
    source = (text(ACCESSION, "SH", "ACC-20017"), text(NAME, "PN", "Featherstone^Jo"), text(KEPT_TEXT, "SH", kept))

    assert of(*source) == []


@pytest.mark.parametrize(
    "tag, vr, value",
    [
        (0x00180088, "DS", "20040119"),  # Spacing Between Slices
        (0x00200013, "IS", "20040119"),
        (0x00280106, "US", "45"),
        (0x00080070, "LO", "Philips Medical Systems"),
        (0x00180015, "CS", "HEAD"),
        (0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
    ],
)
def test_numbers_codes_and_makers_are_not_patients(tag: int, vr: str, value: str) -> None:
    source = (text(ACCESSION, "SH", "20040119\\10008"), text(NAME, "PN", "Philips^Head"), text(tag, vr, value))

    assert of(*source) == []


@pytest.mark.parametrize("name", ["UNKNOWN^UNKNOWN", "Anonymous", "Jo^Al", "0000", "Hof"])
def test_names_that_say_nothing_are_not_looked_for(name: str) -> None:
    assert of(text(NAME, "PN", name), text(KEPT_TEXT, "SH", f"{name.split('^', maxsplit=1)[0]} 0000")) == []


@pytest.mark.parametrize("left", ["Li Bo", "bo li", "LI, BO", "Li^Bo"])
def test_short_names_are_looked_for_together(left: str) -> None:
    assert of(text(NAME, "PN", "Li^Bo"), text(KEPT_TEXT, "SH", left)) == [KERNEL]


@pytest.mark.parametrize(
    "declared, name_codec, left_codec",
    [
        ("ISO_IR 100", "latin-1", "latin-1"),
        ("ISO_IR 100", "latin-1", "utf-8"),
        ("ISO_IR 192", "utf-8", "latin-1"),
        ("ISO_IR 192", "utf-8", "utf-8"),
        ("ISO_IR 144", "latin-1", "latin-1"),  # declared Cyrillic, written Latin-1
    ],
)
@pytest.mark.parametrize("left", ["Müller", "MÜLLER", "müller"])
def test_a_name_is_found_in_every_character_set(declared: str, name_codec: str, left_codec: str, left: str) -> None:
    source = (
        text(0x00080005, "CS", declared),
        Element(NAME, "PN", _even("Müller^Jo".encode(name_codec))),
        Element(KEPT_TEXT, "SH", _even(left.encode(left_codec))),
    )

    found = of(*source)

    if declared == "ISO_IR 144" and left != "Müller":
        return  # its capitals cannot be known
    assert found == [KERNEL]


def test_ideographic_names_are_long_enough() -> None:
    source = (
        text(0x00080005, "CS", "ISO_IR 192"),
        Element(NAME, "PN", _even("Yamada^Tarou=山田^太郎".encode())),
        Element(KEPT_TEXT, "SH", _even("山田".encode())),
    )

    assert of(*source) == [KERNEL]


def test_the_rule_that_writes_an_identifier_is_named() -> None:
    from philae.deid.profile import ElementSpec
    from philae.dicom.tags import parse_tag_pattern

    writes = ElementSpec(
        "copies the name",
        "expression.on.tags",
        tags=(parse_tag_pattern("(0018,1210)"),),
        arguments=(("expr", "Replace(getString(#Tag.PatientName))"),),
    )
    source = (text(NAME, "PN", "Featherstone^Jo"), text(KEPT_TEXT, "SH", "B30f"))

    (leak,) = leaks(engine(writes, BASIC), encoded(instance(*source)))

    assert (leak.path, leak.rule) == ("(0018,1210)", "rule 'copies the name'")


def test_an_attribute_kept_by_a_rule_is_a_decision() -> None:
    source = (text(NAME, "PN", "Featherstone^Jo"), text(KEPT_TEXT, "SH", "Featherstone"))

    assert of(*source, compiled=engine(on_tags("K", "(0018,1210)"), BASIC)) == []


def test_a_uid_kept_by_a_rule_is_a_decision_wherever_it_is_repeated() -> None:
    source = (text(0x0020000D, "UI", "1.2.3.99"), text(KEPT_TEXT, "SH", "1.2.3.99"))

    assert of(*source, compiled=engine(on_tags("K", "StudyInstanceUID"), BASIC)) == []


def test_an_identifier_that_no_rule_speaks_of_is_found_where_it_is() -> None:
    source = encoded(instance(text(0x0020000D, "UI", "1.2.3.99")))

    found = leaks(engine(on_tags("X", "(0008,0090)")), source)

    assert [(each.path, each.rule) for each in found] == [
        ("(0008,0018)", "no rule speaks of it"),
        ("(0020,000D)", "no rule speaks of it"),
    ]


def test_what_a_removed_sequence_held_is_looked_for() -> None:
    item: Tree = [text(0x00100020, "LO", "OTHER-4711")]
    source = (Element(0x00101002, "SQ", [item]), text(KEPT_TEXT, "SH", "other-4711"))

    assert of(*source) == [KERNEL]


def test_the_place_in_a_sequence_is_told() -> None:
    content: Tree = [text(0x0040A160, "UT", "Mrs Featherstone")]
    source = (text(NAME, "PN", "Featherstone^Jo"), Element(0x00409999, "SQ", [[], content]))

    assert of(*source, compiled=engine(on_tags("K", "(0008,0005)"), BASIC)) == ["(0040,9999)[2].(0040,A160) TextValue"]


def test_the_pseudonym_may_hold_the_old_patient_id() -> None:
    source = encoded(instance())
    compiled = engine(BASIC)

    plan = compiled.plan(source, pseudonym="PATIENT-1", now=NOW)

    assert Tripwire(compiled).leaks(source, plan) == ()


@pytest.mark.parametrize("size", [0, 1 << 16, 5 << 20])
def test_text_of_any_size_is_searched(size: int) -> None:
    source = (text(NAME, "PN", "Featherstone^Jo"), text(0x0018FF98, "UT", "x " * (size // 2) + "Featherstone end"))

    found = leaks(engine(on_tags("X", "(0008,0090)"), BASIC), encoded(instance(*source)))

    assert [each.path for each in found] == ["(0018,FF98)"]


def test_pixel_data_is_searched_only_when_asked_for() -> None:
    pixels = bytes(1 << 15) + b"featherstone" + bytes(1 << 15)
    tree = instance(text(NAME, "PN", "Featherstone^Jo"), Element(0x7FE00010, "OW", pixels))

    default, thorough = (leaks(engine(BASIC), encoded(tree), all_bytes=all_bytes) for all_bytes in (False, True))

    assert (default, [each.path for each in thorough]) == ((), ["(7FE0,0010)"])


def test_text_behind_pixel_data_is_searched() -> None:
    tree = instance(
        text(NAME, "PN", "Featherstone^Jo"),
        Element(0x7FE00010, "OW", bytes(1 << 17)),
        text(0x7FE10010, "LO", "MAKER"),
        text(0x7FE11001, "LO", "Featherstone"),
    )

    found = leaks(engine(on_tags("K", "(7FE1,0010)")), encoded(tree))

    assert "(7FE1,1001)" in [each.path for each in found]


def test_a_deflated_instance_is_searched() -> None:
    raw = encode(make_dataset("1.2.3.4", ConvolutionKernel="Muster"), DEFLATED_LE.uid)
    source = Encoded(raw, 0, len(raw), DEFLATED_LE)
    compiled = engine(BASIC)
    plan, _ = compiled.apply(source, pseudonym="PSEUDO-1", now=NOW)

    (leak,) = Tripwire(compiled).leaks(source, plan)

    assert leak.path == "(0018,1210)"


def test_the_message_names_place_and_rule_and_no_value() -> None:
    source = encoded(instance(text(NAME, "PN", "Featherstone^Jo"), text(KEPT_TEXT, "SH", "Featherstone")))
    compiled = engine(BASIC)
    plan = compiled.plan(source, pseudonym="PSEUDO-1", now=NOW)

    with pytest.raises(IdentifierLeft) as caught:
        Tripwire(compiled).check(source, plan)

    assert "feather" not in str(caught.value).casefold()
    assert f"{KERNEL} would go out with the original PatientName (0010,0010) in it (no rule speaks of it)" in str(
        caught.value
    )


def _even(raw: bytes) -> bytes:
    return raw + b" " * (len(raw) % 2)
