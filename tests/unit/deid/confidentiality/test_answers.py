"""What the options of the Basic Profile do with one instance."""

import pytest

from philae.deid.errors import DeidError
from philae.deid.keys import Keys
from philae.deid.profile import ElementSpec
from philae.dicom.standard.confidentiality import Option
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.engine import BASIC, SECRET, deidentified, engine, instance, on_private, on_tags
from tests.support.trees import Element, Tree, encode, items_of, text

SR = "1.2.840.10008.5.1.4.1.1.88.22"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
KEYS = Keys(SECRET)
SYNTAXES = pytest.mark.parametrize(
    "syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE], ids=lambda syntax: str(syntax.name)
)


def basic(*options: str) -> ElementSpec:
    return ElementSpec("basic", "basic.dicom.profile", arguments=(("options", ", ".join(options)),))


def code(value: str, scheme: str, meaning: str) -> Tree:
    return [text(0x00080100, "SH", value), text(0x00080102, "SH", scheme), text(0x00080104, "LO", meaning)]


def content(concept: str, value_type: str, *values: Element, scheme: str = "DCM") -> Tree:
    """A content item."""
    elements = [
        text(0x0040A040, "CS", value_type),
        Element(0x0040A043, "SQ", [code(concept, scheme, "concept")]),
        *values,
    ]
    return sorted(elements, key=lambda element: element.tag)


def value(element: Element) -> str:
    assert isinstance(element.value, bytes)
    return element.value.decode().strip(" \0")


def methods(out: dict[int, Element]) -> list[str]:
    return [value(item[0]) for item in items_of(out[0x00120064])]


def test_every_option_declares_its_code_and_nothing_else() -> None:
    codes = {option: methods(deidentified(engine(basic(option)), instance())) for option in Option}

    assert codes == {
        Option.CLEAN_GRAPHICS: ["113100", "113103"],
        Option.CLEAN_STRUCTURED_CONTENT: ["113100", "113104"],
        Option.CLEAN_DESCRIPTORS: ["113100", "113105"],
        Option.RETAIN_LONGITUDINAL_FULL_DATES: ["113100", "113106"],
        Option.RETAIN_LONGITUDINAL_MODIFIED_DATES: ["113100", "113107"],
        Option.RETAIN_PATIENT_CHARACTERISTICS: ["113100", "113108"],
        Option.RETAIN_DEVICE_IDENTITY: ["113100", "113109"],
        Option.RETAIN_UIDS: ["113100", "113110"],
        Option.RETAIN_SAFE_PRIVATE: ["113100", "113111"],
        Option.RETAIN_INSTITUTION_IDENTITY: ["113100", "113112"],
    }


@pytest.mark.parametrize(
    "options, information",
    [
        ((), b"REMOVED "),
        (("retain-longitudinal-full-dates",), b"UNMODIFIED"),
        (("retain-longitudinal-modified-dates",), b"MODIFIED"),
    ],
)
def test_the_instance_says_what_became_of_its_dates(options: tuple[str, ...], information: bytes) -> None:
    before = instance(text(0x00280303, "CS", "UNMODIFIED"))

    assert deidentified(engine(basic(*options)), before)[0x00280303].value == information


def test_without_the_basic_profile_nothing_is_said_about_dates() -> None:
    assert 0x00280303 not in deidentified(engine(on_tags("K", "PatientID")), instance())


@pytest.mark.parametrize(
    "argument", ["retain-uid", "retain-longitudinal-full-dates, retain-longitudinal-modified-dates"]
)
def test_unknown_and_contradicting_options_do_not_compile(argument: str) -> None:
    with pytest.raises(DeidError, match=r"basic\.dicom\.profile"):
        engine(basic(argument))


def test_options_cannot_be_had_where_karnak_is_reproduced() -> None:
    with pytest.raises(DeidError, match="Karnak"):
        engine(basic("retain-uids"), compat_karnak=True)


@SYNTAXES
def test_modified_dates_keep_their_distances_across_studies_and_midnight(syntax: TransferSyntax) -> None:
    compiled = engine(basic("retain-longitudinal-modified-dates"))
    moments = [("20240101", "000500"), ("20240101", "235500"), ("20240301", "120000")]

    moved = [
        deidentified(compiled, instance(text(0x00080020, "DA", date), text(0x00080030, "TM", time)), syntax)
        for date, time in moments
    ]

    seconds = [_seconds(value(out[0x00080020]), value(out[0x00080030])) for out in moved]
    before = [_seconds(date, time) for date, time in moments]
    assert [later - seconds[0] for later in seconds] == [later - before[0] for later in before]
    assert seconds[0] != before[0]


def _seconds(day: str, time: str) -> float:
    from datetime import datetime

    return datetime.strptime(f"{day}{time[:6]}+0000", "%Y%m%d%H%M%S%z").timestamp()


def test_the_shift_belongs_to_the_patient() -> None:
    compiled = engine(basic("retain-longitudinal-modified-dates"))

    days = {
        value(
            deidentified(compiled, instance(text(0x00100020, "LO", f"P{n}"), text(0x00080020, "DA", "20240101")))[
                0x00080020
            ]
        )
        for n in range(30)
    }

    assert len(days) > 20
    assert "20240101" not in days


def test_every_text_that_stays_is_cleaned_whether_the_table_speaks_of_it_or_not() -> None:
    tree = instance(
        text(0x00080050, "SH", "ACC-4711"),
        text(0x00081030, "LO", "Head MUSTER, Max"),
        text(0x00081090, "LO", "Scanner of Max Muster"),  # no row
        text(0x00100010, "PN", "Muster^Max"),
        text(0x00104000, "LT", "acc4711\r\nmax\r\nfine"),
        Element(0x00081032, "SQ", [code("ACC-4711", "99LOCAL", "CT for Muster")]),  # no row
    )

    out = deidentified(engine(basic("clean-descriptors")), tree)

    assert value(out[0x00081030]) == "Head"
    assert value(out[0x00081090]) == "Scanner of"
    assert value(out[0x00104000]).split() == ["fine"]
    assert [value(element) for element in items_of(out[0x00081032])[0]] == ["ACC-4711", "99LOCAL", "CT for"]


def test_nothing_left_of_a_text_is_said_to_be_unknown() -> None:
    tree = instance(text(0x00081030, "LO", "Muster Max"), text(0x00100010, "PN", "Muster^Max"))

    assert value(deidentified(engine(basic("clean-descriptors")), tree)[0x00081030]) == "UNKNOWN"


def test_text_that_a_person_keeps_stays_as_it_is() -> None:
    tree = instance(text(0x00081030, "LO", "Head Muster"), text(0x00100010, "PN", "Muster^Max"))

    out = deidentified(engine(on_tags("K", "StudyDescription"), basic("clean-descriptors")), tree)

    assert value(out[0x00081030]) == "Head Muster"


def test_identifiers_of_one_instance_do_not_linger_for_the_next() -> None:
    compiled = engine(basic("clean-descriptors"))
    trees = [
        instance(text(0x00080050, "SH", number), text(0x00081030, "LO", "for 4711 and 4712"))
        for number in ("4711", "4712", "4711")
    ]

    said = [value(deidentified(compiled, tree)[0x00081030]) for tree in trees]

    assert said == ["for and 4712", "for 4711 and", "for and 4712"]


def test_content_items_are_treated_by_their_concepts() -> None:
    items = [
        content("121071", "TEXT", text(0x0040A160, "UT", "Finding in Mr Muster")),  # X/D, C with descriptors
        content("121022", "TEXT", text(0x0040A160, "UT", "ACC-4711")),  # X
        content("111030", "TEXT", text(0x0040A160, "UT", "Image of Max Muster")),  # no row
        content("121008", "PNAME", text(0x0040A123, "PN", "Reader^Rita")),
        content("121031", "DATE", text(0x0040A121, "DA", "19700105")),
        content("111060", "DATE", text(0x0040A121, "DA", "20240101")),
        content("121018", "UIDREF", text(0x0040A124, "UI", "1.2.3.4")),
        content("121032", "CODE", Element(0x0040A168, "SQ", [code("M", "DCM", "Male")])),
        content("121033", "NUM", Element(0x0040A300, "SQ", [[text(0x0040A30A, "DS", "47")]])),
        content("113041", "IMAGE", Element(0x00081199, "SQ", [[text(0x00081155, "UI", "1.2.3.5")]])),
    ]
    tree = instance(
        text(0x00080050, "SH", "ACC-4711"),
        text(0x00100010, "PN", "Muster^Max"),
        Element(0x0040A730, "SQ", [content("126000", "CONTAINER", Element(0x0040A730, "SQ", items))]),
        sop_class=SR,
    )

    options = ("clean-structured-content", "retain-longitudinal-full-dates")
    out = deidentified(engine(basic("clean-descriptors", *options)), tree)
    stricter = deidentified(engine(basic(*options)), tree)

    [outer] = items_of(out[0x0040A730])
    found = {value(items_of(_by_tag(item)[0x0040A043])[0][0]): _by_tag(item) for item in items_of(outer[-1])}
    assert value(found["121071"][0x0040A160]) == "Finding in Mr"
    assert b"Finding in" not in encode(list(stricter.values()))
    assert value(found["121022"][0x0040A160]) == "UNKNOWN"
    assert value(found["111030"][0x0040A160]) == "Image of"
    assert value(found["121008"][0x0040A123]) == "UNKNOWN"
    assert value(found["121031"][0x0040A121]) == "19000101"
    assert value(found["111060"][0x0040A121]) == "20240101"
    assert value(found["121018"][0x0040A124]) == KEYS.uid("1.2.3.4")
    assert [value(part) for part in items_of(found["121032"][0x0040A168])[0]] == ["UNKNOWN"] * 3
    assert found["121033"][0x0040A300].value == []
    assert value(items_of(found["113041"][0x00081199])[0][0]) == KEYS.uid("1.2.3.5")


def _by_tag(item: Tree) -> dict[int, Element]:
    return {element.tag: element for element in item}


def test_an_item_without_a_concept_name_does_not_inherit_the_one_before() -> None:
    items = [
        content("121022", "TEXT", text(0x0040A160, "UT", "number")),
        [text(0x0040A040, "CS", "TEXT"), text(0x0040A160, "UT", "plain")],
    ]

    out = deidentified(engine(basic("clean-structured-content")), instance(Element(0x0040A730, "SQ", items)))

    assert [value(item[-1]) for item in items_of(out[0x0040A730])] == ["UNKNOWN", "plain"]


def test_waveform_annotations_keep_their_measurements_and_lose_names() -> None:
    annotation = sorted(
        [text(0x00700006, "ST", "QRS of Muster"), *content("5.10.2-3", "NUM", text(0x0040A30A, "DS", "88"))],
        key=lambda element: element.tag,
    )
    tree = instance(text(0x00100010, "PN", "Muster^Max"), Element(0x0040B020, "SQ", [annotation]))

    out = deidentified(engine(basic("clean-structured-content")), tree)

    item = _by_tag(items_of(out[0x0040B020])[0])
    assert value(item[0x00700006]) == "QRS of"
    assert value(item[0x0040A30A]) == "88"


def test_graphics_keep_their_shapes_and_lose_names() -> None:
    annotation = [
        text(0x00700002, "CS", "LAYER"),
        Element(0x00700008, "SQ", [[text(0x00700006, "ST", "Muster: lesion")]]),
        Element(0x00700009, "SQ", [[Element(0x00700022, "FL", b"12345678")]]),
    ]
    tree = instance(
        text(0x00100010, "PN", "Muster^Max"),
        text(0x50000022, "LO", "ECG of Muster"),
        Element(0x50002000, "US", b"\1\0"),
        Element(0x5000200C, "OW", b"speech!!"),
        Element(0x50003000, "OW", b"curve..."),
        Element(0x60000010, "US", b"\1\0"),
        text(0x60000022, "LO", "text"),
        Element(0x60003000, "OW", b"burned.."),
        Element(0x00700001, "SQ", [annotation]),
    )

    out = deidentified(engine(basic("clean-graphics")), tree)

    assert [tag for tag in out if tag >> 24 in (0x50, 0x60)] == [0x50000022, 0x50003000]
    assert value(out[0x50000022]) == "ECG of"
    [item] = items_of(out[0x00700001])
    assert value(items_of(item[1])[0][0]) == ": lesion"
    assert item[2] == annotation[2]


@SYNTAXES
def test_safe_private_attributes_stay_by_the_name_of_their_creator(syntax: TransferSyntax) -> None:
    block = [
        text(0x00190010, "LO", "SIEMENS MR HEADER"),
        text(0x00190011, "LO", "UNHEARD OF"),
        text(0x00190012, "LO", "SIEMENS MR HEADER"),
        text(0x0019100C, "IS", "5"),
        text(0x0019100D, "CS", "DIRECTIONAL"),
        text(0x0019110C, "IS", "6"),
        text(0x0019120C, "IS", "7"),
        text(0x001912FF, "LO", "not safe"),
    ]
    tree = instance(*block, Element(0x00081032, "SQ", [block, block[4:5]]))

    out = deidentified(engine(basic("retain-safe-private")), tree, syntax)

    kept = [0x00190010, 0x00190012, 0x0019100C, 0x0019100D, 0x0019120C]
    assert [tag for tag in out if tag >> 16 == 0x19] == kept
    assert [[element.tag for element in item] for item in items_of(out[0x00081032])] == [kept, []]


def test_a_creator_that_comes_behind_its_block_makes_nothing_safe() -> None:
    raw = [text(0x0019100C, "IS", "5"), text(0x00190010, "LO", "SIEMENS MR HEADER")]

    out = deidentified(engine(basic("retain-safe-private")), [*instance(), *raw])

    assert not [tag for tag in out if tag >> 16 == 0x19]


def test_encapsulated_documents_are_refused_unless_a_person_decides() -> None:
    tree = instance(Element(0x00420011, "OB", b"%PDF-1.7"), sop_class=PDF)

    for options in ((), tuple(Option)[1:2]):
        with pytest.raises(DeidError, match="0042,0011") as refused:
            deidentified(engine(basic(*options)), tree)
        assert "PDF" not in str(refused.value)
    removed = deidentified(engine(on_tags("X", "EncapsulatedDocument"), BASIC), tree)
    kept = deidentified(engine(on_tags("K", "EncapsulatedDocument"), BASIC), tree)

    assert 0x00420011 not in removed
    assert kept[0x00420011].value == b"%PDF-1.7"


def test_a_document_inside_another_object_is_emptied() -> None:
    assert deidentified(engine(BASIC), instance(Element(0x00420011, "OB", b"%PDF-1.7")))[0x00420011].value == b""


def test_a_dicomdir_is_refused() -> None:
    tree = [text(0x00041130, "CS", "DISK"), Element(0x00041220, "SQ", [instance()]), *instance()]

    with pytest.raises(DeidError, match="DICOMDIR"):
        deidentified(engine(BASIC), tree)


def test_icons_go_with_every_option() -> None:
    tree = instance(Element(0x00880200, "SQ", [[Element(0x7FE00010, "OW", b"face")]]))

    for option in Option:
        assert 0x00880200 not in deidentified(engine(basic(option)), tree)


@SYNTAXES
def test_uids_in_private_and_unknown_data_that_is_kept_go_with_all_others(syntax: TransferSyntax) -> None:
    reference = [text(0x00081150, "UI", "1.2.840.10008.5.1.4.1.1.2"), text(0x00081155, "UI", "1.2.3.4.5.6.7")]
    item = encode(reference, IMPLICIT_LE)
    tree = instance(
        text(0x00290010, "LO", "ACME"),
        text(0x00291001, "UI", "1.2.3.4.5.6.7"),
        Element(0x00291002, "UN", b"1.2.3.4.5.6.7\0"),
        Element(0x00291003, "UN", b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item),
        Element(0x00291004, "UN", b"1.2 of 3.4"),
        text(0x0020000D, "UI", "1.2.3"),
    )

    out = deidentified(engine(on_private("K"), BASIC), tree, syntax)

    new = KEYS.uid("1.2.3.4.5.6.7").encode()
    assert value(out[0x00080018]).encode() == new
    assert bytes(out[0x00291001].value).rstrip(b"\0") == new  # type: ignore[arg-type]
    assert bytes(out[0x00291002].value).rstrip(b"\0") == new  # type: ignore[arg-type]
    assert new in bytes(out[0x00291003].value)  # type: ignore[arg-type]
    assert b"1.2.840.10008.5.1.4.1.1.2" in bytes(out[0x00291003].value)  # type: ignore[arg-type]
    assert out[0x00291004].value == b"1.2 of 3.4"


def test_uids_without_a_row_are_replaced_and_private_classes_stay() -> None:
    tree = instance(text(0x00189999, "UI", "1.2.3.4"), sop_class="1.2.826.0.1.99")

    out = deidentified(engine(BASIC), tree)

    assert value(out[0x00189999]) == KEYS.uid("1.2.3.4")
    assert value(out[0x00080016]) == "1.2.826.0.1.99"


def test_retained_uids_stay_everywhere() -> None:
    tree = instance(
        text(0x0020000D, "UI", "1.2.3"),
        text(0x00189999, "UI", "1.2.3.4"),
        Element(0x00081140, "SQ", [[text(0x00081155, "UI", "1.2.3.5")]]),
        text(0x00081030, "LO", "of 1.2.3.4.5.6.7"),
    )

    out = deidentified(engine(basic("retain-uids", "clean-descriptors")), tree)

    for element in tree:
        if element.tag != 0x00100020:
            assert out[element.tag] == element


def test_the_sop_class_is_asked_for_the_types_of_attributes() -> None:
    element = text(0x0008002A, "DT", "20240101101112")  # acquisition: type 1C, 2 or 3 by IOD

    found = {
        sop_class: deidentified(engine(BASIC), instance(element, sop_class=sop_class)).get(0x0008002A)
        for sop_class in ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1")
    }

    assert found["1.2.840.10008.5.1.4.1.1.2"] is None
    assert found["1.2.840.10008.5.1.4.1.1.2.1"] not in (None, element)


def test_methods_are_declared_where_their_condition_is_true() -> None:
    condition = "tagValueIsPresent(#Tag.Modality, 'CT')"
    options = (("options", "retain-longitudinal-full-dates"),)
    compiled = engine(
        ElementSpec(
            "dates", "action.on.dates", condition=condition, option="date_format", arguments=(("remove", "day"),)
        ),
        ElementSpec("basic", "basic.dicom.profile", arguments=options),
    )

    ct, mr = (deidentified(compiled, instance(text(0x00080060, "CS", modality))) for modality in ("CT", "MR"))

    assert methods(ct) == ["113107", "113100", "113106"]
    assert value(ct[0x00280303]) == "MODIFIED"
    assert methods(mr) == ["113100", "113106"]
    assert value(mr[0x00280303]) == "UNMODIFIED"


def test_a_basic_profile_whose_condition_is_false_leaves_everything() -> None:
    spec = ElementSpec("basic", "basic.dicom.profile", condition="tagValueIsPresent(#Tag.Modality, 'CT')")
    tree = instance(text(0x00080060, "CS", "MR"), text(0x00189999, "UI", "1.2.3.4"), text(0x00081030, "LO", "said"))

    out = deidentified(engine(spec), tree)

    assert methods(out) == []
    assert 0x00280303 not in out
    assert value(out[0x00189999]) == "1.2.3.4"
    assert value(out[0x00081030]) == "said"


def test_text_too_long_to_look_through_is_emptied() -> None:
    tree = instance(text(0x00104000, "LT", "fine"), text(0x0040A160, "UT", "fine " * 300_000))

    out = deidentified(engine(basic("clean-descriptors")), tree)

    assert value(out[0x00104000]) == "fine"
    assert out[0x0040A160].value == b""
