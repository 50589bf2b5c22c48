import csv
import json
from pathlib import Path

import pydicom
import pytest

from tests.support.commands import Philae
from tests.support.datasets import part10
from tests.support.deidentifying import SECRET, outputs
from tests.support.heads import HEAD, ct, head_with_a_nose, series, slice_of
from tests.support.listening import instances


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    instances(folder, 3, size=16)
    return folder


def test_one_file_goes_where_it_is_told(philae: Philae, profile: Path, image: Path, tmp_path: Path) -> None:
    ran = philae("deid", image, tmp_path / "out.dcm", "--profile", profile, "--secret", SECRET)

    assert (ran.code, ran.err) == (0, "")
    assert "1 written" in ran.out
    assert pydicom.dcmread(tmp_path / "out.dcm").PatientIdentityRemoved == "YES"


def test_one_file_into_a_folder_gets_a_name_without_patient(
    philae: Philae, profile: Path, image: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()

    ran = philae("deid", image, tmp_path / "out", "--profile", profile, "--secret", SECRET)

    assert ran.code == 0
    (name,) = outputs(tmp_path / "out")
    assert "image" not in name


def test_a_tree_is_summed_up_as_json(philae: Philae, profile: Path, tree: Path, tmp_path: Path) -> None:
    (tree / "note.txt").write_text("hello")

    ran = philae("deid", tree, tmp_path / "out", "--profile", profile, "--secret", SECRET, "--json")

    assert ran.code == 0
    assert {name: count for name, count in ran.document["results"].items() if count} == {"written": 3, "not_dicom": 1}
    assert [problem["path"] for problem in ran.document["problems"]] == [str(tree / "note.txt")]


def test_a_file_that_fails_makes_exit_code_1(philae: Philae, profile: Path, tree: Path, tmp_path: Path) -> None:
    (tree / "cut.dcm").write_bytes((tree / "1.dcm").read_bytes()[:-9])

    ran = philae("deid", tree, tmp_path / "out", "--profile", profile, "--secret", SECRET)

    assert ran.code == 1
    assert "3 written, 1 failed" in ran.out
    assert ran.complaint.startswith(f"failed: {tree / 'cut.dcm'}: ")


def test_the_one_file_that_was_named_must_be_dicom(philae: Philae, profile: Path, tmp_path: Path) -> None:
    ran = philae("deid", profile, tmp_path / "out.dcm", "--profile", profile, "--secret", SECRET)

    assert ran.code == 1
    assert ran.complaint.startswith("not_dicom: ")
    assert not (tmp_path / "out.dcm").exists()


@pytest.mark.parametrize("name", ["report.jsonl", "report.csv"])
def test_a_report_tells_the_new_uids_of_each_source(
    philae: Philae, profile: Path, tree: Path, tmp_path: Path, name: str
) -> None:
    report = tmp_path / name

    philae("deid", tree, tmp_path / "out", "--profile", profile, "--secret", SECRET, "--report", report)

    with report.open(newline="") as file:
        rows = list(csv.DictReader(file)) if name.endswith("csv") else [json.loads(line) for line in file]
    written = {pydicom.dcmread(path).SOPInstanceUID for path in (tmp_path / "out").rglob("*.dcm")}
    assert [row["path"] for row in rows] == [str(tree / f"{number}.dcm") for number in (1, 2, 3)]
    assert {row["result"] for row in rows} == {"written"}
    assert {row["sop_instance_uid"] for row in rows} == written


def test_a_second_run_says_what_was_done(philae: Philae, profile: Path, tree: Path, tmp_path: Path) -> None:
    command = ("deid", tree, tmp_path / "out", "--profile", profile, "--secret", SECRET)
    philae(*command)

    assert "3 done" in philae(*command).out


def test_pseudonyms_are_given_read_or_derived(philae: Philae, profile: Path, image: Path, tmp_path: Path) -> None:
    def name_with(*options: str) -> str:
        ran = philae("deid", image, tmp_path / "out.dcm", "--profile", profile, "--secret", SECRET, *options)
        assert ran.code == 0, ran.err
        return str(pydicom.dcmread(tmp_path / "out.dcm").PatientName)

    assert name_with("--pseudonym", "CASE-7") == "CASE-7"
    assert name_with("--pseudonym-tag", "(0010,0010)") == "A^B"
    assert name_with("--pseudonym-tag", "PatientID") == "1"
    assert name_with().startswith("P-")


def test_the_project_name_is_written(philae: Philae, profile: Path, image: Path, tmp_path: Path) -> None:
    philae("deid", image, tmp_path / "o.dcm", "--profile", profile, "--secret", SECRET, "--project-name", "Trial")

    assert pydicom.dcmread(tmp_path / "o.dcm").ClinicalTrialSponsorName == "Trial"


def test_a_secret_need_not_stand_on_the_command_line(
    philae: Philae, profile: Path, image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    uids = []

    def keep(*options: object) -> None:
        ran = philae("deid", image, tmp_path / "out.dcm", "--profile", profile, *options)
        assert ran.code == 0, ran.err
        uids.append(pydicom.dcmread(tmp_path / "out.dcm").SOPInstanceUID)

    keep("--secret", SECRET)
    keep("--secret-file", tmp_path / "secret")
    monkeypatch.setenv("PHILAE_SECRET", SECRET)
    keep()
    monkeypatch.delenv("PHILAE_SECRET")
    monkeypatch.setenv("PHILAE_SECRET_FILE", str(tmp_path / "secret"))
    keep()

    assert len(set(uids)) == 1


@pytest.mark.parametrize(
    "options, complaint",
    [
        ((), "no project secret"),
        (("--secret", "1234"), "32 hex"),
        (("--secret-file", "nowhere"), "secret file nowhere cannot be read: No such file"),
        (("--secret", SECRET, "--secret-file", "x"), "exclude each other"),
        (("--secret", SECRET, "--pseudonym", "a", "--pseudonym-tag", "b"), "exclude each other"),
        (("--secret", SECRET, "--pseudonym", " "), "--pseudonym is blank"),
        (("--secret", SECRET, "--pseudonym-tag", "(00xx,0010)"), "stands for several tags"),
        (("--secret", SECRET, "--pseudonym-tag", "Nonsense"), "--pseudonym-tag Nonsense: "),
    ],
)
def test_misuse_is_one_clear_line(
    philae: Philae, profile: Path, image: Path, tmp_path: Path, options: tuple[str, ...], complaint: str
) -> None:
    ran = philae("deid", image, tmp_path / "out.dcm", "--profile", profile, *options)

    assert ran.code == 2
    assert complaint in ran.complaint
    assert not (tmp_path / "out.dcm").exists()


def test_a_secret_never_shows_in_a_complaint(philae: Philae, profile: Path, image: Path, tmp_path: Path) -> None:
    ran = philae("deid", image, tmp_path / "out.dcm", "--profile", profile, "--secret", "c0ffee")

    assert "c0ffee" not in ran.err


def test_a_missing_source_is_misuse(philae: Philae, profile: Path, tmp_path: Path) -> None:
    ran = philae("deid", tmp_path / "nothing", tmp_path / "out", "--profile", profile, "--secret", SECRET)

    assert ran.code == 2
    assert "nothing does not exist" in ran.complaint


def test_a_missing_or_faulty_profile_is_misuse(philae: Philae, image: Path, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yml"
    faulty.write_text("name: x\nprofileElements:\n  - {name: a, codename: no.such}\n  - {name: b}\n")

    missing = philae("deid", image, tmp_path / "o", "--profile", tmp_path / "none.yml", "--secret", SECRET)
    refused = philae("deid", image, tmp_path / "o", "--profile", faulty, "--secret", SECRET)

    assert missing.code == refused.code == 2
    assert "none.yml cannot be read: No such file" in missing.complaint
    assert "philae profile check" in refused.complaint


def test_originals_are_never_overwritten(
    philae: Philae, profile: Path, image: Path, tree: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.dcm").symlink_to(image)
    before = image.read_bytes()

    for destination in (image, tmp_path / "link.dcm"):
        ran = philae("deid", image, destination, "--profile", profile, "--secret", SECRET)
        assert ran.code == 2
        assert "is the source itself" in ran.complaint
    assert philae("deid", tree, tree, "--profile", profile, "--secret", SECRET).code == 2
    assert image.read_bytes() == before


def test_outputs_inside_the_source_folder_are_not_taken_for_sources(philae: Philae, profile: Path, tree: Path) -> None:
    command = ("deid", tree, tree / "out", "--profile", profile, "--secret", SECRET)

    assert "3 written" in philae(*command).out
    assert philae(*command).out.endswith(": 3 done\n")


def test_a_destination_that_cannot_be_written_is_told(
    philae: Philae, profile: Path, tree: Path, image: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    into_file = philae("deid", tree, tmp_path / "file", "--profile", profile, "--secret", SECRET)
    nowhere = philae("deid", image, tmp_path / "no" / "out.dcm", "--profile", profile, "--secret", SECRET)

    assert into_file.code == nowhere.code == 2
    assert "is a file" in into_file.complaint
    assert "does not exist; create it first" in nowhere.complaint


@pytest.fixture
def leaky(image: Path) -> Path:
    from pydicom import dcmread

    dataset = dcmread(image)
    dataset.PatientName, dataset.ConvolutionKernel = "Featherstone^Ada", "Featherstone"
    dataset.save_as(image)
    return image


def test_a_file_with_an_identifier_left_is_not_written(
    philae: Philae, profile: Path, leaky: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.dcm"

    ran = philae("deid", leaky, target, "--profile", profile, "--secret", SECRET)

    assert (ran.code, target.exists()) == (1, False)
    assert "leak tripwire: (0018,1210) ConvolutionKernel would go out with" in ran.err
    assert "feather" not in (ran.out + ran.err).casefold()


def test_a_file_with_an_identifier_left_is_written_with_a_warning_if_that_is_wanted(
    philae: Philae, profile: Path, leaky: Path, tmp_path: Path
) -> None:
    warned, quiet = tmp_path / "warned.dcm", tmp_path / "quiet.dcm"
    options = ("--profile", profile, "--secret", SECRET, "--tripwire")

    told = philae("deid", leaky, warned, *options, "warn")
    silent = philae("deid", leaky, quiet, *options, "off")

    assert (told.code, silent.code, warned.exists(), quiet.exists()) == (0, 0, True, True)
    assert "leak tripwire" in told.err
    assert "leak tripwire" not in silent.err


def test_karnak_compatible_output_differs_inside_sequences(
    philae: Philae, profile: Path, image: Path, tmp_path: Path
) -> None:
    from pydicom import Dataset, dcmread

    dataset, item = dcmread(image), Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    dataset.ReferencedPatientSequence = [item]
    dataset.RelatedSeriesSequence = [Dataset()]
    dataset.RelatedSeriesSequence[0].PurposeOfReferenceCodeSequence = [Dataset()]
    dataset.ReferencedImageSequence = [item]
    dataset.save_as(image)
    options = ("--profile", profile, "--secret", SECRET)

    philae("deid", image, tmp_path / "ours.dcm", *options)
    ran = philae("deid", image, tmp_path / "karnak.dcm", *options, "--compat", "karnak", "--tripwire", "off")

    ours, karnak = dcmread(tmp_path / "ours.dcm"), dcmread(tmp_path / "karnak.dcm")
    assert ran.code == 0
    assert "ReferencedImageSequence" not in ours
    assert karnak.ReferencedImageSequence[0].ReferencedSOPClassUID.startswith("2.25.")


@pytest.mark.parametrize(
    "switch, changed",
    [
        (("--time-shift", "independent"), "AcquisitionDate"),
        (("--server-timezone", "Asia/Tokyo"), "AcquisitionDateTime"),
        (("--hash-encoding", "us-ascii"), "PatientID"),
        (("--sequence-inheritance", "karnak"), "ReferencedImageSequence"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_each_of_karnaks_quirks_can_be_had_alone(
    philae: Philae, profile: Path, image: Path, tmp_path: Path, switch: tuple[str, str], changed: str
) -> None:
    # given
    dataset, item = pydicom.dcmread(image), pydicom.Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    dataset.ReferencedImageSequence, dataset.SpecificCharacterSet = [item], "ISO_IR 192"
    dataset.AcquisitionDate, dataset.AcquisitionTime = "20200615", "000001"
    dataset.AcquisitionDateTime = "20200615000001+0200"
    dataset.save_as(image)
    profile.write_text(
        "name: Dummies\nprofileElements:\n"
        "- {name: Times, codename: action.on.specific.tags, action: DDum, "
        "tags: [AcquisitionDate, AcquisitionTime, AcquisitionDateTime]}\n"
        "- {name: Basic, codename: basic.dicom.profile}\n"
    )
    options = ("--profile", profile, "--secret", SECRET, "--pseudonym", "Zoë")

    # when
    philae("deid", image, tmp_path / "default.dcm", *options)
    ran = philae("deid", image, tmp_path / "switched.dcm", *options, *switch)

    # then
    usual, switched = (pydicom.dcmread(tmp_path / name) for name in ("default.dcm", "switched.dcm"))
    keywords = {element.keyword for element in (*usual, *switched)} - {"InstanceCreationDate", "InstanceCreationTime"}
    assert ran.code == 0
    assert {name for name in keywords if usual.get(name) != switched.get(name)} == {changed}


def test_a_time_zone_that_is_none_is_refused(philae: Philae, profile: Path, image: Path, tmp_path: Path) -> None:
    options = ("--profile", profile, "--secret", SECRET, "--server-timezone", "Mars/Base")

    ran = philae("deid", image, tmp_path / "out.dcm", *options)

    assert (ran.code, (tmp_path / "out.dcm").exists()) == (2, False)
    assert "Europe/Zurich" in ran.complaint


def test_how_well_faces_were_hidden_is_told_for_each_series(philae: Philae, tmp_path: Path) -> None:
    profile, source = tmp_path / "faces.yml", tmp_path / "head"
    profile.write_text(
        "name: faces\nprofileElements:\n  - {name: Faces, codename: clean.recognizable.visual.features}\n"
        "  - {name: Basic, codename: basic.dicom.profile}\n"
    )
    source.mkdir()
    sagittal = ct(slice_of(*HEAD), ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    for number, made in enumerate([*series(head_with_a_nose(12)), sagittal]):
        (source / f"{number}.dcm").write_bytes(part10(made))

    told = philae("deid", source, tmp_path / "a", "--profile", profile, "--secret", SECRET)
    listed = philae("deid", source, tmp_path / "b", "--profile", profile, "--secret", SECRET, "--json")

    (faces,) = listed.document["faces"]
    assert (faces["slices"], faces["touched"]) == (12, 0)
    assert f"series {faces['series_instance_uid']}: 12 slices defaced, " in told.out
    assert listed.document["not_defaced"] == {"it is not axial": 1}
    assert "1 images not defaced: it is not axial" in told.out
