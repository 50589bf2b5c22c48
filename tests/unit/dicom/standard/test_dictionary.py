import subprocess
import sys

import pytest
from pydicom.datadict import dictionary_VR, tag_for_keyword

from philae.dicom.standard import dictionary
from philae.dicom.standard.source import table


@pytest.mark.parametrize(
    "tag, vr",
    [
        (0x00100010, "PN"),
        (0x00100012, "LT"),
        (0x00102162, "UC"),
        (0x00080000, "UL"),
        (0x00090000, "UL"),
        (0x00090010, "LO"),
        (0x00091001, None),
        (0x60003000, "OW"),
        (0x601E0010, "US"),
        (0x50020005, "US"),
        (0x60033000, None),
        (0x00280106, "US"),
        (0x7FE00010, "OW"),
        (0xFFFEE000, None),
        (0x00084321, None),
    ],
)
def test_implicit_vr_data_is_read_with_one_vr(tag: int, vr: str | None) -> None:
    assert dictionary.vr_of(tag) == vr


def test_every_vr_is_two_letters() -> None:
    assert {len(vr) for vr in dictionary.vrs().values()} == {2}


def test_pydicom_learns_the_newer_attributes() -> None:
    rows = table("attributes")["rows"]

    dictionary.teach_pydicom()

    assert len(rows) == 26
    for tag, cells in rows.items():
        assert dictionary_VR(int(tag, 16)) == cells["vr"]
        assert tag_for_keyword(cells["keyword"]) == int(tag, 16)


@pytest.mark.parametrize(
    "tag, keyword",
    [(0x00100010, "PatientName"), (0x00100012, "NameToUse"), (0x60020010, "OverlayRows"), (0x00091001, None)],
)
def test_a_tag_has_its_keyword(tag: int, keyword: str | None) -> None:
    assert dictionary.keyword_of(tag) == keyword


@pytest.mark.parametrize("keyword, tag", [("PatientName", 0x00100010), ("DisplayURI", 0x0040E012), ("Nonsense", None)])
def test_a_keyword_has_its_tag(keyword: str, tag: int | None) -> None:
    assert dictionary.tag_of(keyword) == tag


def test_the_tables_are_there_without_the_rest_of_pydicom() -> None:
    program = (
        "import sys; from philae.dicom.standard.dictionary import keyword_of, tag_of, vr_of; "
        "from philae.dicom.standard.uids import uid_name; import philae.dicom.values, philae.dicom.tags; "
        "assert (keyword_of(0x100010), tag_of('PatientID'), vr_of(0x7FE00010)) == ('PatientName', 0x100020, 'OW'); "
        "assert uid_name('1.2.840.10008.1.2') == 'Implicit VR Little Endian'; "
        "assert 'pydicom' not in sys.modules and 'numpy' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


def test_pydicom_imported_later_learns_the_newer_attributes_with_the_first_dataset() -> None:
    program = (
        "import philae.dicom.tags; import philae.deid.dataset; from pydicom.datadict import tag_for_keyword; "
        "assert tag_for_keyword('NameToUse') == 0x100012"
    )

    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)
