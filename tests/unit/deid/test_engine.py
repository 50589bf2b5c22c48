"""What the engine does with one instance, rule by rule."""

import mmap
import struct
import threading
import zlib
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from philae.deid.dataset import deidentify
from philae.deid.engine import compile_profile, patient_of
from philae.deid.errors import DeidError
from philae.deid.keys import Keys
from philae.deid.profile import ElementSpec, Profile, Project
from philae.deid.report import rows
from philae.dicom.scan import Encoded
from philae.dicom.splice import Span, joined, splice
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.engine import BASIC, CT, NOW, SECRET, deidentified, engine, instance, morphed, on_private, on_tags
from tests.support.trees import ITEM, SEQUENCE_END, UNDEFINED, Element, encode, encoded, header, items_of, parse, text

SYNTAXES = pytest.mark.parametrize(
    "syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE], ids=lambda syntax: str(syntax.name)
)
KEYS = Keys(SECRET)


@SYNTAXES
def test_default_attributes_stand_in_their_places(syntax: TransferSyntax) -> None:
    tree = instance(text(0x00080020, "DA", "20200101"), text(0x00180060, "DS", "120 "), text(0x00120063, "LO", "old"))

    out = deidentified(engine(BASIC), tree, syntax)

    assert list(out) == sorted(out)
    assert out[0x00080012].value == b"20260701"
    assert out[0x00080013].value == b"143015.123456 "  # Central European summer time
    assert out[0x00100010].value == b"PSEUDO-1"
    assert out[0x00100020].value == KEYS.patient_id("PSEUDO-1").encode()
    assert out[0x00120010].value == b"PROJECT "
    assert out[0x00120020].value == b"Profile "
    assert out[0x00120062].value == b"YES "
    assert 0x00120063 not in out


@SYNTAXES
def test_the_plan_knows_the_uids_that_go_out(syntax: TransferSyntax) -> None:
    source = encoded(instance(text(0x0020000D, "UI", "1.2.3")), syntax)

    plan = engine(BASIC).plan(source, pseudonym="P", now=NOW)

    assert plan.sop_class_uid == CT
    assert plan.sop_instance_uid == KEYS.uid("1.2.3.4.5.6.7")
    assert plan.study_instance_uid == KEYS.uid("1.2.3")
    assert plan.excluded is None


def test_default_attributes_of_a_dataset_out_of_order_are_not_doubled() -> None:
    raw = encode([*instance(text(0x00180060, "DS", "1 ")), text(0x00100010, "PN", "Late^Name ")])
    source = Encoded(raw, 0, len(raw), EXPLICIT_LE)

    _, segments = engine(BASIC).apply(source, pseudonym="PSEUDO-1", now=NOW)

    out = joined(raw, segments)
    assert b"Late" not in out
    assert [element.tag for element in parse(out)].count(0x00100010) == 1


def test_group_lengths_and_file_meta_elements_do_not_go_out() -> None:
    tree = instance(Element(0x00080000, "UL", bytes(4)), text(0x00020003, "UI", "1.2.3.4.5.6.7"))

    out = deidentified(engine(on_tags("K", "(xxxx,xxxx)")), tree)

    assert 0x00080000 not in out
    assert 0x00020003 not in out


@SYNTAXES
def test_elements_after_pixel_data_are_processed(syntax: TransferSyntax) -> None:
    tree = instance(Element(0x7FE00010, "OW", bytes(64)), text(0xFFFCFFFC, "OB", "x" * 8))

    out = deidentified(engine(on_tags("X", "(FFFC,FFFC)")), tree, syntax)

    assert 0xFFFCFFFC not in out
    assert out[0x7FE00010].value == bytes(64)


def test_fragments_are_passed_by_and_what_follows_them_is_processed() -> None:
    fragments = header(0x7FE00010, "OB", UNDEFINED) + header(ITEM, "", 0) + header(ITEM, "", 4) + b"\x10\x00\x10\x00"
    raw = encode(instance()) + fragments + header(SEQUENCE_END, "", 0) + encode([text(0xFFFAFFFA, "LO", "secret")])
    source = Encoded(raw, 0, len(raw), EXPLICIT_LE)

    plan, segments = engine(BASIC).apply(source, pseudonym="P", now=NOW)

    out = joined(raw, segments)
    assert fragments in out
    assert b"secret" not in out
    assert plan.edits[-1].cause.tag == 0xFFFAFFFA


def test_fragments_can_be_removed() -> None:
    fragments = header(0x7FE00010, "OB", UNDEFINED) + header(ITEM, "", 4) + b"data" + header(SEQUENCE_END, "", 0)
    raw = encode(instance()) + fragments
    source = Encoded(raw, 0, len(raw), EXPLICIT_LE)

    assert b"data" not in joined(raw, engine(on_tags("X", "PixelData")).apply(source, pseudonym="P", now=NOW)[1])


@pytest.mark.parametrize("value", ["", " "])
def test_u_leaves_an_element_without_value(value: str) -> None:
    element = text(0x00200052, "UI", value)

    assert morphed(engine(on_tags("U", "(0020,0052)")), [element]) == [element]


def test_u_hashes_each_value_of_several() -> None:
    [out] = morphed(engine(on_tags("U", "(0008,001A)")), [text(0x0008001A, "UI", "1.2.3\\1.2.4")])

    assert isinstance(out.value, bytes)
    assert out.value.rstrip(b"\0").decode().split("\\") == [KEYS.uid("1.2.3"), KEYS.uid("1.2.4")]


def test_u_hashes_only_the_first_value_for_karnak() -> None:
    [out] = morphed(engine(on_tags("U", "(0008,001A)"), compat_karnak=True), [text(0x0008001A, "UI", "1.2.3\\1.2.4")])

    assert isinstance(out.value, bytes)
    assert out.value.rstrip(b"\0").decode() == KEYS.uid("1.2.3")


@pytest.mark.parametrize(
    "vr, value", [("UN", b"secret"), ("DA", b"notadate"), ("TM", b"late"), ("AS", b"old "), ("DT", b"soon")]
)
def test_a_dummy_that_cannot_be_made_empties_the_element(vr: str, value: bytes) -> None:
    [out] = morphed(engine(on_tags("DDum", "(0011,1001)")), [Element(0x00111001, vr, value)])

    assert out == Element(0x00111001, vr, b"")


@pytest.mark.parametrize("vr, value", [("UN", b"secret"), ("DA", b"notadate")])
def test_a_dummy_that_cannot_be_made_leaves_the_element_for_karnak(vr: str, value: bytes) -> None:
    element = Element(0x00111001, vr, value)

    assert morphed(engine(on_tags("DDum", "(0011,1001)"), compat_karnak=True), [element]) == [element]


def test_the_creator_of_a_block_stays_while_an_element_of_it_does() -> None:
    tree = instance(
        text(0x70530010, "LO", "KEPT"),
        text(0x70530011, "LO", "GONE"),
        Element(0x70531000, "DS", b"1.5 "),
        Element(0x70531001, "DS", b"2.5 "),
        Element(0x70531100, "DS", b"3.5 "),
    )

    out = deidentified(engine(on_private("K", "(7053,1000)"), BASIC), tree)

    assert [tag for tag in out if tag >> 16 == 0x7053] == [0x70530010, 0x70531000]


def test_a_creator_that_a_profile_element_names_goes_as_it_says() -> None:
    tree = [text(0x70530010, "LO", "ACME"), Element(0x70531000, "DS", b"1.5 ")]

    out = morphed(engine(on_tags("X", "(7053,0010)")), tree)

    assert [element.tag for element in out] == [0x70531000]


def test_creators_in_items_stand_for_their_own_item() -> None:
    items = [
        [text(0x00090010, "LO", "ACME"), text(0x00091001, "LO", "kept")],
        [text(0x00090010, "LO", "ACME"), text(0x00091002, "LO", "gone")],
    ]
    tree = instance(Element(0x00081032, "SQ", items))

    out = deidentified(engine(on_private("K", "(0009,xx01)"), BASIC), tree)

    assert [[element.tag for element in item] for item in items_of(out[0x00081032])] == [[0x00090010, 0x00091001], []]


@SYNTAXES
@pytest.mark.parametrize("undefined", [False, True])
def test_lengths_stay_defined_or_undefined_and_true(syntax: TransferSyntax, undefined: bool) -> None:
    items = [[text(0x00080100, "SH", "1"), text(0x00100010, "PN", "Secret^Name^Long")], [text(0x00100010, "PN", "X")]]
    tree = instance(Element(0x00081032, "SQ", [[Element(0x00540016, "SQ", items)]]))
    source = encoded(tree, syntax, undefined=undefined)

    _, segments = engine(BASIC).apply(source, pseudonym="P", now=NOW)

    out = joined(source.source, segments)
    parse(out, syntax)
    marker = header(ITEM, "", UNDEFINED, syntax)
    assert out.count(marker) == bytes(source.source).count(marker)


def test_un_of_undefined_length_is_walked_as_implicit_vr() -> None:
    item = [text(0x00100010, "PN", "Hidden^Name "), text(0x00180060, "DS", "120 ")]
    inner = header(ITEM, "", UNDEFINED, IMPLICIT_LE) + encode(item, IMPLICIT_LE) + header(0xFFFEE00D, "", 0)
    raw = encode(instance()) + header(0x00540016, "UN", UNDEFINED) + inner + header(SEQUENCE_END, "", 0)
    source = Encoded(raw, 0, len(raw), EXPLICIT_LE)

    out = joined(raw, engine(BASIC).apply(source, pseudonym="P", now=NOW)[1])

    assert b"Hidden" not in out
    assert encode(item[1:], IMPLICIT_LE) in out


@pytest.mark.parametrize("tag", [0x00540016, 0x00091001])
def test_un_that_holds_items_is_walked(tag: int) -> None:
    item = encode([text(0x00100010, "PN", "Hidden^Name ")], IMPLICIT_LE)
    value = header(ITEM, "", len(item)) + item
    elements = (BASIC,) if tag == 0x00540016 else (on_tags("X", "PatientName"),)

    out = deidentified(engine(*elements), instance(Element(tag, "UN", value)))

    emptied = encode([text(0x00100010, "PN", "")], IMPLICIT_LE) if BASIC in elements else b""
    assert out[tag].value == header(ITEM, "", len(emptied)) + emptied


def test_un_that_should_be_a_sequence_but_cannot_be_read_is_emptied() -> None:
    out = deidentified(engine(BASIC), instance(Element(0x00540016, "UN", b"Hidden^Name!")))

    assert out[0x00540016].value == b""


def test_a_known_attribute_as_un_gets_the_hash_of_its_text() -> None:
    out = deidentified(engine(BASIC), instance(Element(0x0020000D, "UN", b"1.2.3\0")))

    assert out[0x0020000D] == text(0x0020000D, "UI", KEYS.uid("1.2.3"))


OVERLAY = [Element(0x60000010, "US", b"\1\0"), text(0x60000022, "LO", "text"), Element(0x60003000, "OW", b"ab")]


def test_the_rest_of_an_overlay_plane_goes_with_its_data() -> None:
    tree = instance(*OVERLAY, text(0x60020022, "LO", "other"))

    out = deidentified(engine(BASIC), tree)

    assert [tag for tag in out if tag >> 24 == 0x60] == [0x60020022]


@pytest.mark.parametrize(
    "rules, modality, left",
    [
        (("Modality", None), "CT", []),
        (("Modality", None), "MR", OVERLAY),
        (("Modality", "StationName"), "CT", []),
        (("StationName", "Modality"), "CT", []),
        (("StationName", "StudyID"), "CT", OVERLAY),
    ],
)
def test_a_plane_goes_where_a_condition_takes_its_data(
    rules: tuple[str, str | None], modality: str, left: list[Element]
) -> None:
    elements = [replace(BASIC, condition=f"tagValueIsPresent(#Tag.{keyword}, 'CT')") for keyword in filter(None, rules)]

    out = deidentified(engine(*elements), instance(*OVERLAY, text(0x00080060, "CS", modality)))

    assert [element for tag, element in out.items() if tag >> 24 == 0x60] == left


@pytest.mark.parametrize("keyword, is_kept", [("Modality", True), ("StationName", False)])
def test_a_plane_whose_data_are_kept_on_a_condition_stays_where_it_holds(keyword: str, is_kept: bool) -> None:
    keep = replace(on_tags("K", "(60xx,3000)"), condition=f"tagIsPresent(#Tag.{keyword})")

    out = deidentified(engine(keep, BASIC), instance(*OVERLAY, text(0x00080060, "CS", "CT")))

    assert [element for tag, element in out.items() if tag >> 24 == 0x60] == (OVERLAY if is_kept else [])


def test_an_overlay_that_is_kept_stays_whole() -> None:
    tree = instance(Element(0x60000010, "US", b"\1\0"), Element(0x60003000, "OW", b"ab"))

    out = deidentified(engine(on_tags("K", "(60xx,3000)"), BASIC), tree)

    assert {0x60000010, 0x60003000} <= set(out)


def test_codes_that_identify_a_person_are_replaced_and_others_kept() -> None:
    code = [text(0x00080100, "SH", "12345"), text(0x00080104, "LO", "Dr Secret")]
    tree = instance(
        Element(0x00401101, "SQ", [code]),
        Element(0x0040A730, "SQ", [[Element(0x0040A043, "SQ", [code]), text(0x0040A160, "UT", "finding")]]),
        sop_class="1.2.840.10008.5.1.4.1.1.88.22",
    )

    out = deidentified(engine(BASIC), tree)

    assert out[0x00401101].value == [[text(0x00080100, "SH", "UNKNOWN"), text(0x00080104, "LO", "UNKNOWN")]]
    assert out[0x0040A730].value == [[Element(0x0040A043, "SQ", [code]), text(0x0040A160, "UT", "UNKNOWN")]]


def test_numbers_and_well_known_uids_in_emptied_content_stay_well_formed() -> None:
    item = [
        text(0x00080018, "UI", "1.2.3"), text(0x00081150, "UI", CT), text(0x00081155, "UI", "1.2.3"),
        Element(0x00700022, "FL", struct.pack("<ff", 1.5, 2.5)),
    ]  # fmt: skip
    out = deidentified(engine(BASIC), instance(Element(0x00700001, "SQ", [[Element(0x00700009, "SQ", [item])]])))

    [[graphics]] = items_of(out[0x00700001])
    assert items_of(graphics)[0][1:] == [
        item[1],
        text(0x00081155, "UI", KEYS.uid("1.2.3")),
        Element(0x00700022, "FL", bytes(8)),
    ]


def test_the_sop_class_of_an_item_decides_its_types() -> None:
    item = [text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.88.22"), text(0x00080023, "DA", "20200615")]
    tree = instance(text(0x00080023, "DA", "20200615"), Element(0x00540016, "SQ", [item]))

    out = deidentified(engine(BASIC), tree)

    assert out[0x00080023].value == b""  # type 2C of CT
    assert items_of(out[0x00540016])[0][1].value == b"20200123"  # no such path: the safe default, a dummy


def test_generated_text_respects_the_character_set() -> None:
    tree = instance(text(0x00080005, "CS", "ISO_IR 100"))
    source = encoded(tree)
    compiled = engine(BASIC, project="Größe 東京")

    _, segments = compiled.apply(source, pseudonym="Müller", now=NOW)

    out = {element.tag: element.value for element in parse(joined(source.source, segments))}
    assert out[0x00100010] == "Müller".encode("latin-1")
    assert out[0x00120010] == "Größe ??".encode("latin-1")


def test_a_pseudonym_that_the_character_set_cannot_express_is_refused() -> None:
    with pytest.raises(DeidError, match="0008,0005") as refused:
        engine(BASIC).plan(encoded(instance()), pseudonym="東京", now=NOW)

    assert "東京" not in str(refused.value)


def test_utf_8_datasets_take_any_pseudonym() -> None:
    source = encoded(instance(text(0x00080005, "CS", "ISO_IR 192")))

    _, segments = engine(BASIC).apply(source, pseudonym="東京", now=NOW)

    assert "東京".encode() in joined(source.source, segments)


def test_a_deflated_dataset_comes_back_deflated() -> None:
    stream = zlib.compressobj(wbits=-15)
    raw = stream.compress(encode(instance(text(0x00100030, "DA", "19700101")))) + stream.flush()
    source = Encoded(raw, 0, len(raw), DEFLATED_LE)

    plan, [segment] = engine(BASIC).apply(source, pseudonym="P", now=NOW)

    assert isinstance(segment, bytes)
    out = {element.tag: element.value for element in parse(zlib.decompressobj(-15).decompress(segment))}
    assert out[0x00100030] == b""
    assert plan.sop_instance_uid.encode() in out[0x00080018]
    assert patient_of(source).patient_id == "PATIENT-1"


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_any_buffer_gives_the_same_plan(wrap: type) -> None:
    source = encoded(instance(text(0x00100030, "DA", "19700101")))

    plan = engine(BASIC).plan(Encoded(wrap(source.source), 0, source.end, EXPLICIT_LE), pseudonym="P", now=NOW)

    assert plan == engine(BASIC).plan(source, pseudonym="P", now=NOW)


def test_a_mapped_file_is_planned_without_reading_its_pixels(tmp_path: Path) -> None:
    raw = encode(instance()) + header(0x7FE00010, "OW", 50_000_000)
    path = tmp_path / "large"
    with path.open("wb") as large:
        large.write(raw)
        large.truncate(len(raw) + 50_000_000)

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        source = Encoded(mapped, 0, len(mapped), EXPLICIT_LE)
        _, segments = engine(BASIC).apply(source, pseudonym="P", now=NOW)

    assert segments[-1] == Span(segments[-1][0], len(raw) + 50_000_000)
    assert sum(len(segment) for segment in segments if isinstance(segment, bytes)) < 2000


def test_a_dataset_inside_a_larger_source_is_edited_in_its_place() -> None:
    source = encoded(instance())
    shifted = Encoded(b"\xff" * 100 + bytes(source.source) + b"\xff" * 50, 100, 100 + source.end, EXPLICIT_LE)

    _, segments = engine(BASIC).apply(shifted, pseudonym="P", now=NOW)

    _, expected = engine(BASIC).apply(source, pseudonym="P", now=NOW)
    assert joined(shifted.source, segments) == joined(source.source, expected)


def test_patients_do_not_mix_in_what_is_remembered() -> None:
    compiled = engine(on_tags("DDum", "(0008,0020)"))
    sources = [
        encoded(instance(text(0x00080020, "DA", "20200615"), text(0x00100020, "LO", f"P{n}"))) for n in range(40)
    ]

    first = [compiled.plan(source, pseudonym="P", now=NOW).edits for source in sources]
    again = [engine(on_tags("DDum", "(0008,0020)")).plan(source, pseudonym="P", now=NOW).edits for source in sources]

    assert first == again
    assert len({edits[2].data for edits in first}) > 10


def test_threads_share_a_compiled_profile() -> None:
    compiled, source = engine(BASIC), encoded(instance(text(0x00100030, "DA", "19700101")))
    expected = engine(BASIC).plan(source, pseudonym="P", now=NOW)
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append({compiled.plan(source, pseudonym="P", now=NOW) for _ in range(50)})
        )
        for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [{expected}] * 8


def test_memory_stays_bounded_over_ever_new_headers() -> None:
    compiled = engine(BASIC)
    for number in range(300):
        elements = [Element(0x00190000 + 0x1000 + number * 97 + n, "UN", b"12") for n in range(97)]
        source = encoded(instance(*elements, sop_class=f"1.2.{number}"))
        compiled.plan(source, pseudonym=f"P{number}", now=NOW)

    assert len(compiled._roots) <= 65
    assert len(compiled._contexts._known) <= 16


@pytest.mark.parametrize(
    "spec",
    [
        ElementSpec("x", "expression.on.tags"),
        ElementSpec("x", "expression.on.tags", arguments=(("expr", "Remove("),)),
        ElementSpec("x", "no.such.codename"),
        ElementSpec("x", "basic.dicom.profile", condition="tagIsPresent(#Tag.NoSuchKeyword)"),
        ElementSpec("x", "action.on.dates", option="shift", arguments=(("days", "ten"), ("seconds", "0"))),
        ElementSpec("x", "action.on.dates", option="sometimes"),
        ElementSpec("x", "action.on.dates", option="date_format", arguments=(("remove", "year"),)),
        ElementSpec("x", "action.on.dates", option="shift_by_tag", arguments=(("days_tag", "0015XX10"),)),
        ElementSpec("x", "action.add.tag", arguments=(("value", "1"),)),
        ElementSpec("x", "action.add.private.tag", arguments=(("value", "1"), ("vr", "LO"))),
        ElementSpec("x", "action.replace.api", arguments=(("url", "http://example.com/"),)),
        ElementSpec("x", "replace.uid", action="K"),
        ElementSpec("x", "action.on.specific.tags", action="Q"),
    ],
)
def test_what_cannot_be_honoured_does_not_compile(spec: ElementSpec) -> None:
    with pytest.raises(DeidError, match="x"):
        engine(spec, BASIC)


def test_the_report_tells_path_values_and_rule() -> None:
    tree = instance(
        text(0x00100010, "PN", "Doe^John"), text(0x00101010, "AS", "050Y"), Element(0x00091001, "OB", bytes(100)),
        Element(0x00081032, "SQ", [[], [text(0x00100010, "PN", "Nested^Name ")]]),
    )  # fmt: skip
    source, compiled = encoded(tree), engine(on_tags("X", "PatientAge"), BASIC)

    found = {row.path: row for row in rows(compiled.plan(source, pseudonym="PSEUDO-1", now=NOW), source, compiled)}

    assert found["(0010,0010)"][1:7] == ("PatientName", "PN", "Doe^John", "PSEUDO-1", "D", "default attributes")
    assert found["(0010,1010)"][1:7] == ("PatientAge", "AS", "050Y", None, "X", "element")
    assert found["(0008,1032)[2].(0010,0010)"][1:7] == ("PatientName", "PN", "Nested^Name", "", "Z", "basic")
    assert found["(0009,1001)"].before == "100 bytes"
    assert found["(0012,0062)"][3:5] == (None, "YES")


def test_a_pydicom_dataset_can_be_de_identified_directly() -> None:
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.PatientID = CT, "1.2.3", "PATIENT-1"
    dataset.PatientName, dataset.PatientBirthDate = "Doe^John", "19700101"
    profile, project = Profile("Basic", elements=(BASIC,)), Project("P", SECRET)

    out = deidentify(dataset, compile_profile(profile, project), pseudonym="PSEUDO-1", now=NOW)

    assert out.PatientName == "PSEUDO-1"
    assert out.PatientBirthDate == ""
    assert out.SOPInstanceUID == KEYS.uid("1.2.3")
    assert dataset.PatientName == "Doe^John"


def test_splicing_nothing_gives_one_span() -> None:
    source = encoded(instance())

    assert splice(source, ()) == [Span(0, source.end)]
