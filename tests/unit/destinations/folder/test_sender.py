from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydantic import ValidationError

from philae.destinations.folder import FolderSender, FolderSettings
from philae.destinations.folder import batch as module
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import Refused, State, TryAgain
from tests.support.lanes import ANSWER, ct_dataset, make_node, outgoing_of


def write(root: Path, *outgoings: Outgoing, **settings: Any) -> list[ANSWER]:
    sender = FolderSender(FolderSettings(path=root, **settings), make_node())
    return [answer for _, answer in sender.deliver(set(), iter(outgoings))]


def files(root: Path) -> list[str]:
    return sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())


def test_a_file_is_part_10_below_study_and_series(tmp_path: Path) -> None:
    write(tmp_path, outgoing_of(1, ct_dataset("1.2.3.4")))

    assert files(tmp_path) == ["1.2/1.2.3/1.2.3.4.dcm"]
    written = pydicom.dcmread(tmp_path / "1.2/1.2.3/1.2.3.4.dcm")
    assert written.file_meta.MediaStorageSOPInstanceUID == "1.2.3.4"
    assert written.PatientID == "P1"


def test_the_same_bytes_again_are_already_present(tmp_path: Path) -> None:
    answers = write(tmp_path, outgoing_of(1, ct_dataset()), outgoing_of(2, ct_dataset()))

    assert answers == [
        Receipt(State.SENT, "1.2/1.2.3/1.2.3.4.dcm"),
        Receipt(State.ALREADY_PRESENT, "1.2/1.2.3/1.2.3.4.dcm"),
    ]


def test_other_bytes_get_another_name_and_nothing_is_overwritten(tmp_path: Path) -> None:
    first, second, third = (outgoing_of(number, ct_dataset(pixels=bytes([number]) * 64)) for number in (1, 2, 3))

    answers = write(tmp_path, first, second, third, second)

    assert [str(each) and getattr(each, "detail", "") for each in answers] == [
        "1.2/1.2.3/1.2.3.4.dcm",
        "1.2/1.2.3/1.2.3.4.2.dcm",
        "1.2/1.2.3/1.2.3.4.3.dcm",
        "1.2/1.2.3/1.2.3.4.2.dcm",
    ]
    assert pydicom.dcmread(tmp_path / "1.2/1.2.3/1.2.3.4.dcm").PixelData == b"\1" * 64


def test_a_name_without_suffix_is_a_whole_uid(tmp_path: Path) -> None:
    one, other = outgoing_of(1, ct_dataset(pixels=b"ab")), outgoing_of(2, ct_dataset(pixels=b"cd"))

    write(tmp_path, one, other, layout="{SOPInstanceUID}")

    assert files(tmp_path) == ["1.2.3.4", "1.2.3.4.2"]


def test_what_another_attempt_left_half_written_is_swept_away(tmp_path: Path) -> None:
    left = tmp_path / "1.2/1.2.3" / ".1-1.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    write(tmp_path, outgoing_of(1, ct_dataset()))

    assert files(tmp_path) == ["1.2/1.2.3/1.2.3.4.dcm"]


def test_an_attempt_that_was_overtaken_publishes_nothing_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_it = module._write

    def overtaken(file: Any, outgoing: Outgoing) -> None:
        write_it(file, outgoing)
        Path(file.name).unlink()
        Path(file.name).write_bytes(b"half of the other's")

    monkeypatch.setattr(module, "_write", overtaken)

    with pytest.raises(TryAgain):
        write(tmp_path, outgoing_of(1, ct_dataset()))

    assert files(tmp_path) == []


def test_two_destinations_may_share_a_folder(tmp_path: Path) -> None:
    one = outgoing_of(1, ct_dataset(), destination_id=1)
    other = outgoing_of(1, ct_dataset(), destination_id=2)

    assert [getattr(each, "state", None) for each in write(tmp_path, one, other)] == [
        State.SENT,
        State.ALREADY_PRESENT,
    ]


def test_values_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    root = tmp_path / "out"

    write(root, outgoing_of(1, ct_dataset(patient_id="../../x")), layout="{PatientID}/{SOPInstanceUID}.dcm")

    assert files(tmp_path) == ["out/_.._x/1.2.3.4.dcm"]


def test_a_missing_value_has_a_name_too(tmp_path: Path) -> None:
    write(tmp_path, outgoing_of(1, ct_dataset(patient_id="")), layout="{PatientID}/{Modality}/{SOPInstanceUID}.dcm")

    assert files(tmp_path) == ["unknown/CT/1.2.3.4.dcm"]


def test_a_name_that_is_too_long_is_this_instances_fault(tmp_path: Path) -> None:
    long, short = outgoing_of(1, ct_dataset(patient_id="P" * 300)), outgoing_of(2, ct_dataset())

    answers = write(tmp_path, long, short, layout="{PatientID}/{SOPInstanceUID}.dcm")

    assert isinstance(answers[0], Refused)
    assert "shorten the layout" in str(answers[0])
    assert isinstance(answers[1], Receipt)


def test_a_full_disk_is_the_destinations_fault_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fdatasync", full)

    with pytest.raises(TryAgain, match="No space left"):
        write(tmp_path, outgoing_of(1, ct_dataset()))

    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "layout", ["{PatientName}.dcm", "../{SOPInstanceUID}", "/{SOPInstanceUID}", "same.dcm", "{}", "{SOPInstanceUID"]
)
def test_a_layout_that_cannot_work_is_refused(layout: str) -> None:
    with pytest.raises(ValidationError, match="layout"):
        FolderSettings(path=Path("out"), layout=layout)


def test_a_relative_path_starts_at_the_document(tmp_path: Path) -> None:
    settings = FolderSettings.model_validate({"path": "out"}, context={"base": tmp_path})

    assert settings.path == tmp_path / "out"
