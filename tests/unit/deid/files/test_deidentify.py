import errno
import os
import signal
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import MediaStorageDirectoryStorage

from philae.deid.errors import MissingPseudonym
from philae.deid.files import workers
from philae.deid.files.deidentify import Outcome, Result, deidentify_file, deidentify_tree
from philae.deid.files.folder_walk import files_below
from philae.deid.files.journal import InUse
from philae.deid.files.output_folder import OutputFolder, name_of
from philae.deid.files.workers import Workers, WorkersLost
from philae.deid.requests import Reply, Request
from philae.dicom.scan import Encoded
from tests.support.deidentifying import NOW, OTHER_PROFILE, key_of, make_job, outputs, run
from tests.support.listening import instances, write_instance

LARGE = 512  # a side of this many pixels makes a range that the kernel copies


def results(outcomes: list[Outcome]) -> Counter[Result]:
    return Counter(outcome.result for outcome in outcomes)


def source_of(folder: Path, count: int = 3, size: int = 16) -> Path:
    folder.mkdir()
    instances(folder, count, size)
    return folder


def test_outputs_are_named_by_their_new_uids_alone(tmp_path: Path) -> None:
    source = tmp_path / "Doe^Jane"
    source.mkdir()
    write_instance(source / "Doe-Jane-1970.dcm", "1.2.3.4.1")

    (outcome,) = run(tmp_path, tmp_path.parent / "out")

    (name,) = outputs(tmp_path.parent / "out")
    dataset = pydicom.dcmread(tmp_path.parent / "out" / name)
    assert name == f"{dataset.StudyInstanceUID}/{dataset.SeriesInstanceUID}/{dataset.SOPInstanceUID}.dcm"
    assert name_of(outcome) == Path(name)
    assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
    assert dataset.PatientName == "P-1"


def test_pixel_data_arrives_unchanged(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in", 1, LARGE)

    run(source, tmp_path / "out")

    (raw,) = outputs(tmp_path / "out").values()
    assert raw.endswith(pydicom.dcmread(source / "1.dcm").PixelData)


@pytest.mark.parametrize("error", [errno.EXDEV, errno.ENOSYS])
def test_bytes_are_the_same_where_the_file_system_cannot_share_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    source = source_of(tmp_path / "in", 1, LARGE)
    run(source, tmp_path / "shared")

    def refuse(*_: object) -> int:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "copy_file_range", refuse)
    run(source, tmp_path / "copied")

    assert outputs(tmp_path / "copied") == outputs(tmp_path / "shared")


def test_outputs_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in", 100)

    alone = run(source, tmp_path / "alone")
    together = run(source, tmp_path / "together", processes=3)

    assert outputs(tmp_path / "together") == outputs(tmp_path / "alone")
    assert together == alone
    assert len(outputs(tmp_path / "alone")) == 100


def test_a_second_run_skips_what_is_done_and_takes_what_is_new(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in")
    first = run(source, tmp_path / "out")
    write_instance(source / "new.dcm", "1.2.3.4.99")
    (source / "note.txt").write_text("no DICOM")

    second = run(source, tmp_path / "out")

    assert results(second) == {Result.DONE: 3, Result.WRITTEN: 1, Result.NOT_DICOM: 1}
    assert {each.sop_instance_uid for each in second if each.result is Result.DONE} == {
        each.sop_instance_uid for each in first
    }


def test_an_output_that_was_deleted_is_written_again(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in")
    first = run(source, tmp_path / "out")
    (tmp_path / "out" / name_of(first[0])).unlink()

    second = run(source, tmp_path / "out")

    assert [each.result for each in second] == [Result.WRITTEN, Result.DONE, Result.DONE]


def test_a_run_that_was_broken_off_leaves_whole_files_and_goes_on(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in", 80)
    with Workers(make_job(), 1) as crew, OutputFolder(tmp_path / "out", key_of) as folder:
        begun = list(islice(deidentify_tree(files_below(source), folder, crew), 10))

    assert len(begun) == 10
    assert all(pydicom.dcmread(tmp_path / "out" / name).PatientName == "P-1" for name in outputs(tmp_path / "out"))
    assert results(run(source, tmp_path / "out")) == {Result.DONE: 10, Result.WRITTEN: 70}
    run(source, tmp_path / "whole")
    assert outputs(tmp_path / "out") == outputs(tmp_path / "whole")


def test_what_a_killed_run_left_unfinished_is_swept(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in")
    unfinished = tmp_path / "out" / ".philae" / "unfinished-before"
    unfinished.mkdir(parents=True)
    (unfinished / "0").write_bytes(b"half a file")
    (tmp_path / "out" / ".philae" / "journal").write_bytes(b'["0123", "written", ')

    outcomes = run(source, tmp_path / "out")

    assert results(outcomes) == {Result.WRITTEN: 3}
    assert {path.name for path in unfinished.parent.iterdir()} == {"journal"}
    assert results(run(source, tmp_path / "out")) == {Result.DONE: 3}


def test_the_same_instance_twice_is_one_output(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in", 1)
    (source / "copy.dcm").write_bytes((source / "1.dcm").read_bytes())

    outcomes = run(source, tmp_path / "out")

    assert [each.result for each in outcomes] == [Result.WRITTEN, Result.PRESENT]
    assert len(outputs(tmp_path / "out")) == 1


def test_another_content_under_the_same_uid_never_replaces_the_first(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in", 1)
    write_instance(source / "2.dcm", "1.2.3.4.1", size=8)
    only_first = tmp_path / "first"
    run(source_of(tmp_path / "in1", 1), only_first)

    outcomes = run(source, tmp_path / "out")

    assert [each.result for each in outcomes] == [Result.WRITTEN, Result.FAILED]
    assert "exists with other content" in outcomes[1].reason
    assert outputs(tmp_path / "out") == outputs(only_first)


def test_two_profiles_are_never_mixed_in_one_folder(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in")
    run(source, tmp_path / "out")
    before = outputs(tmp_path / "out")
    for path in source.iterdir():
        os.utime(path)

    outcomes = run(source, tmp_path / "out", job=make_job(OTHER_PROFILE))

    assert results(outcomes) == {Result.FAILED: 3}
    assert outputs(tmp_path / "out") == before


def test_the_journal_names_no_source(tmp_path: Path) -> None:
    source = source_of(tmp_path / "Doe^Jane")

    run(source, tmp_path / "out")

    written = b"".join(path.read_bytes() for path in (tmp_path / "out" / ".philae").rglob("*") if path.is_file())
    assert b"Doe" not in written
    assert b"1.2.3.4" not in written


def test_two_runs_cannot_write_into_one_folder(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out", key_of), pytest.raises(InUse):
        OutputFolder(tmp_path / "out", key_of)


@pytest.mark.parametrize("processes", [1, 2])
def test_what_cannot_be_de_identified_is_told_and_not_copied(tmp_path: Path, processes: int) -> None:
    source = source_of(tmp_path / "in", 1)
    (source / "empty").touch()
    (source / "note.txt").write_text("Patient: Jane Doe")
    whole = (source / "1.dcm").read_bytes()
    (source / "cut.dcm").write_bytes(whole[:-100])
    nameless = pydicom.dcmread(source / "1.dcm")
    nameless.PatientID = ""
    nameless.save_as(source / "nobody.dcm")
    (source / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(source / "pipe")

    outcomes = {each.source.name: each for each in run(source, tmp_path / "out", processes=processes)}

    assert {name: each.result.value for name, each in outcomes.items()} == {
        "1.dcm": "written",
        "empty": "not_dicom",
        "note.txt": "not_dicom",
        "pipe": "not_dicom",
        "cut.dcm": "failed",
        "nobody.dcm": "failed",
        "gone": "failed",
    }
    assert all(each.reason for name, each in outcomes.items() if name != "1.dcm")
    assert "Patient ID" in outcomes["nobody.dcm"].reason
    assert len(outputs(tmp_path / "out")) == 1


def test_a_dicomdir_is_refused_with_its_reason(tmp_path: Path) -> None:
    source = source_of(tmp_path / "in", 1)
    directory = pydicom.dcmread(source / "1.dcm")
    directory.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    directory.save_as(source / "DICOMDIR")
    (source / "1.dcm").unlink()

    (outcome,) = run(source, tmp_path / "out")

    assert outcome.result is Result.REFUSED
    assert "DICOMDIR" in outcome.reason
    assert not outputs(tmp_path / "out")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_full_disk_ends_the_run_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    source = source_of(tmp_path / "in", 2, LARGE)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "copy_file_range", full)

    with pytest.raises(OSError, match="No space left"):
        run(source, tmp_path / "out", processes=processes)
    assert not outputs(tmp_path / "out")


def test_a_source_that_becomes_shorter_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(tmp_path / "in", 1, LARGE)
    monkeypatch.setattr(os, "copy_file_range", lambda *_: 0)

    (outcome,) = run(source, tmp_path / "out")

    assert outcome.result is Result.FAILED
    assert "shorter" in outcome.reason
    assert not outputs(tmp_path / "out")


def test_a_killed_worker_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(tmp_path / "in")
    monkeypatch.setattr(workers, "prepare", lambda *_: os.kill(os.getpid(), signal.SIGKILL))

    with pytest.raises(WorkersLost):
        run(source, tmp_path / "out", processes=2)


def test_one_file_replaces_its_target_whole_or_not_at_all(tmp_path: Path) -> None:
    write_instance(tmp_path / "in.dcm", "1.2.3.4.1")
    target = tmp_path / "out.dcm"
    target.write_bytes(b"before")

    outcome = deidentify_file(make_job(), tmp_path / "in.dcm", target)

    assert outcome.result is Result.WRITTEN
    assert pydicom.dcmread(target).PatientName == "P-1"
    assert outcome.size == target.stat().st_size
    assert {path.name for path in tmp_path.iterdir()} == {"in.dcm", "out.dcm"}


def test_a_file_that_fails_leaves_its_target_as_it_was(tmp_path: Path) -> None:
    class Nobody:
        def pseudonym(self, encoded: Encoded) -> str:
            raise MissingPseudonym("nobody")

    write_instance(tmp_path / "in.dcm", "1.2.3.4.1")
    target = tmp_path / "out.dcm"
    target.write_bytes(b"before")
    job = make_job()

    outcome = deidentify_file(type(job)(job.compiled, Nobody(), NOW), tmp_path / "in.dcm", target)

    assert outcome.result is Result.FAILED
    assert target.read_bytes() == b"before"
    assert {path.name for path in tmp_path.iterdir()} == {"in.dcm", "out.dcm"}


ASKING = """
name: asking
profileElements:
  - name: Centre
    codename: action.replace.api
    arguments: {url: "https://registry.example.org/{{ getString(#Tag.PatientID) }}", responsePath: /centre}
    tags: ["(0028,0004)"]
  - {name: Basic Profile, codename: basic.dicom.profile}
"""


def test_what_a_profile_asks_of_web_services_is_fetched_for_each_file(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(requests: Collection[Request]) -> Mapping[Request, Reply]:
        asked.extend(request.url for request in requests)
        return dict.fromkeys(requests, '{"centre": "MONOCHROME1"}')

    source = source_of(tmp_path / "in", 2)
    run(source, tmp_path / "out", job=replace(make_job(ASKING), ask=ask))

    found = [pydicom.dcmread(tmp_path / "out" / name).PhotometricInterpretation for name in outputs(tmp_path / "out")]
    assert found == ["MONOCHROME1", "MONOCHROME1"]
    assert len(asked) == 2


def test_a_profile_that_asks_fails_its_files_where_nobody_can_be_asked(tmp_path: Path) -> None:
    outcomes = run(source_of(tmp_path / "in", 1), tmp_path / "out", job=make_job(ASKING))

    assert results(outcomes) == {Result.FAILED: 1}
    assert outputs(tmp_path / "out") == {}
