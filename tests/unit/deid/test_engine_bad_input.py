"""Datasets that are no datasets: refused with offset and tag, never with a value, in linear time."""

from datetime import UTC, datetime

import pytest

from philae.deid.engine import CompiledProfile, compile_profile, patient_of
from philae.deid.errors import DeidError, MissingPatientId, MissingPseudonym, Unreadable
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.scan import Encoded, elements
from philae.dicom.splice import joined
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax, transfer_syntax
from tests.support.trees import ITEM, SEQUENCE_END, UNDEFINED, Element, Tree, encode, encoded, header, nested, text

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
BASIC = Profile("Basic", elements=(ElementSpec("basic", "basic.dicom.profile"),))
SYNTAXES = [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE]


def compiled() -> CompiledProfile:
    return compile_profile(BASIC, Project("Project", bytes(16)))


def instance(*more: Element) -> Tree:
    return sorted(
        (
            text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
            text(0x00080018, "UI", "1.2.3"),
            text(0x00100010, "PN", "Secret^Name"),
            text(0x00100020, "LO", "SECRET-ID"),
            *more,
        )
    )


def nest(depth: int) -> Element:
    inner = text(0x00100010, "PN", "Deep^Secret")
    for _ in range(depth):
        inner = Element(0x00081032, "SQ", [[inner]])
    return inner


def deep(depth: int, syntax: TransferSyntax = EXPLICIT_LE, *, undefined: bool) -> Encoded:
    secret = encode([text(0x00100010, "PN", "Deep^Secret")], syntax)
    before, behind = (encode(part, syntax) for part in (instance()[:2], instance()[2:]))
    raw = before + nested(depth, secret, syntax, undefined=undefined) + behind
    return Encoded(raw, 0, len(raw), syntax)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: str(syntax.name))
@pytest.mark.parametrize("undefined", [False, True])
def test_a_dataset_cut_off_anywhere_is_refused_unless_it_ends_between_elements(
    syntax: TransferSyntax, undefined: bool
) -> None:
    tree = instance(nest(3), Element(0x00091001, "UN", b"1234"), Element(0x7FE00010, "OW", bytes(40)))
    whole = encode(tree, syntax, undefined=undefined)
    boundaries = [sum(len(encode([element], syntax, undefined=undefined)) for element in tree[:n]) for n in range(9)]
    engine = compiled()

    for end in range(len(whole)):
        cut = Encoded(whole[:end], 0, end, syntax)
        if end in boundaries:
            continue
        with pytest.raises(DeidError) as refused:
            engine.plan(cut, pseudonym="P", now=NOW)
        assert "Secret" not in str(refused.value)
        assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: str(syntax.name))
@pytest.mark.parametrize("undefined", [False, True])
def test_sequences_nested_200_deep_are_de_identified(syntax: TransferSyntax, undefined: bool) -> None:
    source = deep(200, syntax, undefined=undefined)

    _, segments = compiled().apply(source, pseudonym="P", now=NOW)

    out = joined(source.source, segments)
    assert b"Deep^Secret" not in out
    assert sum(1 for _ in elements(Encoded(out, 0, len(out), syntax))) == 4 + 201 + 11 + 3


@pytest.mark.parametrize("undefined", [False, True])
def test_sequences_nested_without_end_are_refused(undefined: bool) -> None:
    with pytest.raises(Unreadable, match="too deep"):
        compiled().plan(deep(5000, undefined=undefined), pseudonym="P", now=NOW)


def test_a_length_beyond_the_end_names_tag_and_offset() -> None:
    start = encode(instance())
    raw = start + header(0x00201040, "LO", 60000) + b"abc"

    with pytest.raises(Unreadable, match=rf"\(0020,1040\) at offset {len(start)}.*beyond the end"):
        compiled().plan(Encoded(raw, 0, len(raw), EXPLICIT_LE), pseudonym="P", now=NOW)


def test_a_length_beyond_the_dataset_but_inside_the_source_is_refused() -> None:
    raw = encode(instance()) + header(0x00201040, "LO", 8) + b"abcd"

    with pytest.raises(Unreadable):
        compiled().plan(Encoded(raw + bytes(100), 0, len(raw), EXPLICIT_LE), pseudonym="P", now=NOW)


@pytest.mark.parametrize(
    "tail",
    [
        header(SEQUENCE_END, "", 0),
        header(ITEM, "", 0),
        header(0x00081032, "SQ", UNDEFINED) + header(ITEM, "", 0),
        header(0x00201032, "SQ", 8) + header(0x00080016, "UI", 0),
        header(0x00201032, "SQ", 8) + header(ITEM, "", 100),
        header(0x7FE00010, "OB", UNDEFINED) + header(ITEM, "", 4) + b"abcd",
        header(0x7FE00010, "OB", UNDEFINED) + header(ITEM, "", UNDEFINED),
        b"\x20\x00\x10\x00\x00\x00\x04\x00abcd",
    ],
    ids=["stray end", "stray item", "no end", "no item", "long item", "no fragment end", "endless fragment", "no VR"],
)
def test_broken_structure_is_refused(tail: bytes) -> None:
    raw = encode(instance()) + tail

    with pytest.raises(Unreadable):
        compiled().plan(Encoded(raw, 0, len(raw), EXPLICIT_LE), pseudonym="P", now=NOW)


def test_an_instance_without_patient_id_is_refused() -> None:
    source = encoded([element for element in instance() if element.tag != 0x00100020])

    with pytest.raises(MissingPatientId):
        compiled().plan(source, pseudonym="P", now=NOW)


def test_a_blank_pseudonym_is_refused() -> None:
    with pytest.raises(MissingPseudonym):
        compiled().plan(encoded(instance()), pseudonym="  ", now=NOW)


@pytest.mark.parametrize("missing", [0x00080016, 0x00080018])
def test_an_instance_that_would_have_no_name_is_refused(missing: int) -> None:
    source = encoded([element for element in instance() if element.tag != missing])

    with pytest.raises(DeidError, match="0008,00"):
        compiled().plan(source, pseudonym="P", now=NOW)


def test_a_deflated_dataset_that_is_damaged_is_refused() -> None:
    with pytest.raises(Unreadable):
        compiled().apply(Encoded(b"nonsense", 0, 8, DEFLATED_LE), pseudonym="P", now=NOW)


def test_random_bytes_are_refused_not_crashed_on() -> None:
    engine = compiled()
    for syntax in (*SYNTAXES, transfer_syntax("1.2.840.10008.1.2.4.90")):
        for seed in range(200):
            raw = bytes((seed * 7919 + at * at * 31 + at) % 251 for at in range(300))
            with pytest.raises(DeidError):
                engine.plan(Encoded(raw, 0, len(raw), syntax), pseudonym="P", now=NOW)


def test_the_patient_of_an_unreadable_dataset_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        patient_of(Encoded(b"\x08\x00\x05\x00CS\xff\xff", 0, 8, EXPLICIT_LE))


def test_elements_of_deep_sequences_come_out_once_each() -> None:
    assert sum(1 for _ in elements(deep(200, undefined=True))) == 4 + 201
