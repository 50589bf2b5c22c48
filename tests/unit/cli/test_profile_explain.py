from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
import yaml

from philae.deid.profile_file import load_profile
from tests.support.commands import Philae
from tests.support.deidentifying import OTHER_PROFILE, PROFILE


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.yml"
    path.write_text(OTHER_PROFILE)
    return path


@pytest.mark.parametrize("sop_class", ["CT", "ct image storage", "CTImageStorage", "1.2.840.10008.5.1.4.1.1.2"])
def test_coverage_tells_every_attribute_of_the_iod_and_unknown_ones(
    philae: Philae, profile: Path, sop_class: str
) -> None:
    ran = philae("profile", "coverage", profile, "--sop-class", sop_class, "--depth", 0, "--format", "json")

    rows = {(row["path"], row["vr"]): row for row in json.loads(ran.out)}
    assert ran.code == 0
    assert len(rows) > 300
    assert rows["(0010,0020)", "LO"]["rule"] == "default attributes"
    assert rows["(0008,0080)", "LO"]["reason"] == "PS3.15 E.1-1: X/Z/D; type 3"
    assert (rows["(0018,5100)", "CS"]["action"], rows["(0018,5100)", "CS"]["rule"]) == ("K", "")
    assert rows["(0099,10FE)", "UN"]["action"] == "X"


def test_coverage_says_what_an_answer_depends_on(philae: Philae, tmp_path: Path) -> None:
    file = tmp_path / "profile.yml"
    file.write_text(
        "name: p\nprofileElements:\n- {name: CT only, codename: action.on.specific.tags, action: K, "
        "tags: ['(0008,0080)'], condition: \"tagValueIsPresent(#Tag.Modality, 'CT')\"}\n"
        "- {name: Basic, codename: basic.dicom.profile}\n"
    )

    ran = philae("profile", "coverage", file, "--sop-class", "CT", "--depth", 0, "--format", "csv")

    (row,) = [row for row in csv.DictReader(StringIO(ran.out)) if row["path"] == "(0008,0080)"]
    assert (row["action"], row["rule"]) == ("?", "CT only")
    assert row["reason"] == "K on (0008,0080), on its condition; else PS3.15 E.1-1: X/Z/D; type 3"


def test_an_unknown_sop_class_is_refused_with_what_comes_near(philae: Philae, profile: Path) -> None:
    ran = philae("profile", "coverage", profile, "--sop-class", "Comprehensive")

    assert ran.code == 2
    assert "did you mean Comprehensive SR Storage" in ran.complaint


def test_profiles_are_compared_over_an_iod(philae: Philae, profile: Path, other: Path) -> None:
    options = ("--sop-class", "CT", "--depth", 0, "--format", "csv")

    same = philae("profile", "diff", profile, profile, *options[:-2])
    ran = philae("profile", "diff", profile, other, *options)

    rows = {row["path"]: row for row in csv.DictReader(StringIO(ran.out))}
    assert (same.code, same.out) == (0, "the profiles do the same\n")
    assert ran.code == 1
    assert (rows["(0008,0020)"]["first"], rows["(0008,0020)"]["second"]) == ("Z", "X")
    assert set(rows) == {"(0008,0020)"}


def test_profiles_are_compared_over_files_without_a_value(
    philae: Philae, profile: Path, other: Path, image: Path, tmp_path: Path
) -> None:
    from pydicom import dcmread

    folder = tmp_path / "samples"
    folder.mkdir()
    dataset = dcmread(image)
    dataset.StudyDate = "20240314"
    for number in range(3):
        dataset.save_as(folder / f"{number}.dcm")
    (folder / "note.txt").write_text("no DICOM")

    ran = philae("profile", "diff", profile, other, folder, "--format", "json")

    (difference,) = json.loads(ran.out)
    assert ran.code == 1
    assert (difference["path"], difference["first"], difference["second"]) == ("(0008,0020)", "Z", "X")
    assert difference["instances"] == 3
    assert "note.txt" in ran.err
    assert "20240314" not in ran.out + ran.err


def test_there_is_something_to_compare_over(philae: Philae, profile: Path, tmp_path: Path) -> None:
    assert philae("profile", "diff", profile, profile).code == 2
    assert philae("profile", "diff", profile, profile, tmp_path, "--sop-class", "CT").code == 2


def test_an_exported_profile_is_equivalent(philae: Philae, profile: Path) -> None:
    ran = philae("profile", "export", profile)

    assert load_profile(ran.out) == load_profile(PROFILE)


def test_the_schema_takes_the_profile(philae: Philae) -> None:
    schema = json.loads(philae("profile", "schema").out)

    assert set(yaml.safe_load(PROFILE)) <= set(schema["properties"])
