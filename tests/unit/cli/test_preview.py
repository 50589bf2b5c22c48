import csv
from io import StringIO
from pathlib import Path

from pydicom import dcmread

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
    assert line.split()[:7] == ["(0010,0010)", "PatientName", "A^B", "CASE-7", "D", "default", "attributes"]


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


def test_csv_is_safe_in_a_spreadsheet(philae: Philae, profile: Path, image: Path) -> None:
    dataset = dcmread(image)
    dataset.PatientName = "=cmd|x"
    dataset.save_as(image)

    ran = philae("preview", image, "--profile", profile, "--secret", SECRET, "--format", "csv")

    (row,) = [row for row in csv.DictReader(StringIO(ran.out)) if row["path"] == "(0010,0010)"]
    assert (row["before"], row["change"]) == ("'=cmd|x", "changed")


def test_a_page_goes_into_a_new_file_that_only_its_owner_reads(
    philae: Philae, profile: Path, image: Path, tmp_path: Path
) -> None:
    page = tmp_path / "preview.html"
    command = ("preview", image, "--profile", profile, "--secret", SECRET, "--format", "html", "--output", page)

    first, second = philae(*command), philae(*command)

    assert (first.code, first.out, second.code) == (0, "", 2)
    assert "preview.html exists" in second.complaint
    assert page.stat().st_mode & 0o777 == 0o600
    assert 'class="kept"' in page.read_text()


def test_all_tells_also_what_is_kept_and_why(philae: Philae, profile: Path, image: Path) -> None:
    ran = philae("preview", image, "--profile", profile, "--secret", SECRET, "--json", "--all")

    rows = {row["path"]: row for row in ran.document["changes"]}
    assert (rows["(0008,0016)"]["action"], rows["(0008,0016)"]["reason"]) == ("K", "no rule speaks of it")
    assert rows["(0008,0018)"]["reason"] == "PS3.15 E.1-1: U; type 1"


def test_karnaks_reading_of_a_profile_can_be_previewed(philae: Philae, profile: Path, image: Path) -> None:
    command = ("preview", image, "--profile", profile, "--secret", SECRET, "--compat")

    karnak, unknown = philae(*command, "karnak"), philae(*command, "mercure")

    assert (karnak.code, unknown.code) == (0, 2)
    assert "'karnak'" in unknown.complaint
