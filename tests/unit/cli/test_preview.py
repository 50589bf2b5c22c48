from pathlib import Path

from tests.support.commands import Philae
from tests.support.deidentifying import SECRET


def test_each_change_is_told_with_the_rule_that_made_it(philae: Philae, profile: Path, image: Path) -> None:
    before = image.read_bytes()

    ran = philae("preview", image, "--profile", profile, "--secret", SECRET, "--pseudonym", "CASE-7", "--json")

    changes = {change["path"]: change for change in ran.document["changes"]}
    assert ran.code == 0
    assert changes["(0010,0010)"]["keyword"] == "PatientName"
    assert (changes["(0010,0010)"]["before"], changes["(0010,0010)"]["after"]) == ("A^B", "CASE-7")
    assert changes["(0008,0018)"]["rule"] == "Basic Profile"
    assert changes["(0008,0018)"]["after"] == ran.document["sop_instance_uid"]
    assert image.read_bytes() == before


def test_the_table_has_a_line_an_attribute(philae: Philae, profile: Path, image: Path) -> None:
    ran = philae("preview", image, "--profile", profile, "--secret", SECRET, "--pseudonym", "CASE-7")

    (line,) = [line for line in ran.out.splitlines() if line.startswith("(0010,0010)")]
    assert line.split() == ["(0010,0010)", "PatientName", "A^B", "CASE-7", "default", "attributes"]


def test_what_cannot_be_planned_is_one_clear_line(philae: Philae, profile: Path, image: Path, tmp_path: Path) -> None:
    options = ("--profile", profile, "--secret", SECRET)
    image.write_bytes(image.read_bytes()[:-5])

    missing = philae("preview", tmp_path / "none.dcm", *options)
    text = philae("preview", profile, *options)
    cut = philae("preview", image, *options)

    assert (missing.code, text.code, cut.code) == (2, 1, 1)
    assert "none.dcm cannot be read: No such file" in missing.complaint
    assert "is no DICOM file" in text.complaint
    assert "leads beyond the end" in cut.complaint
