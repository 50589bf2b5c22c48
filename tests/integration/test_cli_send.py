"""``philae send`` and ``philae echo`` to DCMTK's storescp and to our own acceptor."""

from pathlib import Path

import pydicom
import pytest
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless

from philae.dimse.commands import Status
from tests.support.association import Application
from tests.support.commands import Philae
from tests.support.listening import dataset_bytes, instances, listening, storescp, write_instance


@pytest.fixture
def philae(capsys: pytest.CaptureFixture[str]) -> Philae:
    return Philae(capsys)


@pytest.mark.parametrize("associations", [1, 4])
def test_a_tree_arrives_byte_for_byte(philae: Philae, tmp_path: Path, associations: int) -> None:
    (tmp_path / "in").mkdir()
    files = instances(tmp_path / "in", 20)

    with storescp(tmp_path / "out", "--fork") as port:
        ran = philae("send", f"ANY@127.0.0.1:{port}", tmp_path / "in", "--associations", associations)

    assert (ran.code, ran.err) == (0, "")
    assert "20 stored" in ran.out
    assert {dataset_bytes(path) for path in (tmp_path / "out").iterdir()} == {dataset_bytes(path) for path in files}


def test_each_file_is_answered_in_json(philae: Philae, tmp_path: Path) -> None:
    first = write_instance(tmp_path / "a.dcm", "1.2.3.4.1")
    (tmp_path / "note.txt").write_text("hello")

    with storescp(tmp_path / "out") as port:
        ran = philae("send", f"ANY@127.0.0.1:{port}", first, tmp_path / "note.txt", "--json")

    by_path = {each["path"]: each for each in ran.document["files"]}
    assert ran.code == 1
    assert by_path[str(first)]["words"] == "0000H success"
    assert by_path[str(tmp_path / "note.txt")]["result"] == "not_dicom"
    assert ran.document["results"]["stored"] == 1


@pytest.mark.parametrize("option", ["--accept-all", "+xi"])
def test_native_files_are_recoded_for_a_peer_that_takes_implicit_vr_only(
    philae: Philae, tmp_path: Path, option: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_instance(folder / "explicit.dcm", "1.2.3.4.1")
    deflated = pydicom.dcmread(write_instance(folder / "deflated.dcm", "1.2.3.4.2"))
    deflated.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    deflated.save_as(folder / "deflated.dcm")

    with storescp(tmp_path / "out", *(["+xi"] if option == "+xi" else ["+xa"])) as port:
        ran = philae("send", f"ANY@127.0.0.1:{port}", folder)

    assert (ran.code, ran.err) == (0, "")
    received = [pydicom.dcmread(path) for path in (tmp_path / "out").iterdir()]
    assert {each.SOPInstanceUID for each in received} == {"1.2.3.4.1", "1.2.3.4.2"}
    if option == "+xi":
        assert {each.file_meta.TransferSyntaxUID for each in received} == {ImplicitVRLittleEndian}


def test_what_the_peer_does_not_take_is_told_and_the_rest_is_sent(philae: Philae, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_instance(folder / "a.dcm", "1.2.3.4.1")
    compressed = pydicom.dcmread(write_instance(folder / "b.dcm", "1.2.3.4.2"))
    compressed.file_meta.TransferSyntaxUID = JPEG2000Lossless
    compressed.PixelData = pydicom.encaps.encapsulate([b"\xff\x4f\xff\x51"])
    compressed["PixelData"].is_undefined_length = True
    compressed.save_as(folder / "b.dcm")

    with storescp(tmp_path / "out") as port:
        ran = philae("send", f"ANY@127.0.0.1:{port}", folder)

    assert ran.code == 1
    assert "1 stored, 1 not stored" in ran.out
    assert ran.complaint.startswith(f"not stored: {folder / 'b.dcm'}: the peer accepts no presentation context for CT")


def test_more_sop_classes_than_one_association_has_contexts_go_over_several(philae: Philae, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(150):
        path = write_instance(folder / f"{number}.dcm", f"1.2.3.4.{number}", size=2)
        dataset = pydicom.dcmread(path)
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = UID(f"1.2.3.999.{number}")
        dataset.save_as(path)
    application = Application()

    with listening(application) as (port, _):
        ran = philae("send", f"PHILAE@127.0.0.1:{port}", folder, "--calling", "CT01")

    assert (ran.code, ran.err) == (0, "")
    assert "150 stored" in ran.out
    assert len(application.requests) == 3
    assert {request.calling_ae_title for request in application.requests} == {"CT01"}
    assert len({instance.request.sop_class_uid for instance in application.instances}) == 150


def test_a_refusal_is_told_in_words(philae: Philae, tmp_path: Path) -> None:
    path = write_instance(tmp_path / "a.dcm", "1.2.3.4.1")

    with listening(Application(status=Status(0xA700, "disk full"))) as (port, _):
        ran = philae("send", f"PHILAE@127.0.0.1:{port}", path)

    assert ran.code == 1
    assert ran.complaint == f"not stored: {path}: A700H refused, out of resources: disk full"


def test_a_peer_that_goes_away_is_told_for_every_file(philae: Philae, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    instances(tmp_path / "in", 3)

    with storescp(tmp_path / "out", "--refuse") as port:
        refused = philae("send", f"ANY@127.0.0.1:{port}", tmp_path / "in")
    with storescp(tmp_path / "out", "--abort-after") as port:
        aborted = philae("send", f"ANY@127.0.0.1:{port}", tmp_path / "in")

    assert refused.code == aborted.code == 1
    assert "3 not stored" in refused.out
    assert "3 not stored" in aborted.out
    assert all(line.startswith("not stored: ") for line in (refused.err + aborted.err).splitlines())


def test_echo_tells_that_the_peer_is_there(philae: Philae, tmp_path: Path) -> None:
    with storescp(tmp_path / "out") as port:
        ran = philae("echo", f"ANY@127.0.0.1:{port}")
        as_json = philae("echo", f"ANY@127.0.0.1:{port}", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert "0000H success" in ran.out
    assert as_json.document["status"] == "0000"
    assert as_json.document["answer_ms"] > 0


def test_echo_tells_a_rejection_in_words(philae: Philae, tmp_path: Path) -> None:
    with storescp(tmp_path / "out", "--refuse") as port:
        ran = philae("echo", f"ANY@127.0.0.1:{port}")

    assert ran.code == 1
    assert ran.complaint.startswith(f"philae: ANY@127.0.0.1:{port}: ")
    assert "reject" in ran.complaint.lower()
