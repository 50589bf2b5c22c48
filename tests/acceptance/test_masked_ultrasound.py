"""Compressed ultrasound with text in its pixels, from DCMTK through a whole gateway to Orthanc and into a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import yaml
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

from philae.deid.pixels.cleaning import transcoded
from philae.dicom.part10 import write_meta
from philae.dicom.syntax import transfer_syntax
from philae.pipeline.outcome import State
from tests.support.archives import DICOM_WEB, Orthanc
from tests.support.deliveries import deliveries
from tests.support.documents import PROJECT, node, to_dicom, to_folder
from tests.support.gateway import Gateway, free_port
from tests.support.images import COLOUR, dataset, image_of, pixels, written
from tests.support.senders import finished, storescu

ULTRASOUND, CINE = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1"
RLE, J2K, BASELINE = (transfer_syntax(f"1.2.840.10008.1.2.{end}") for end in ("5", "4.90", "4.50"))
PROFILE = """
name: Basic
profileElements:
  - {name: Clean, codename: clean.pixel.data}
  - {name: Basic, codename: basic.dicom.profile}
masks:
  - {stationName: "*", imageWidth: 640, imageHeight: 480, color: "000000", rectangles: ["0 0 639 39", "600 40 39 439"]}
  - {stationName: STATION, color: "000000", rectangles: ["0 0 19 9"]}
"""


def document(*destinations: dict[str, object]) -> str:
    return yaml.safe_dump(
        {"profiles": [{"text": PROFILE}], "projects": [PROJECT], "forward_nodes": [node(*destinations)]}
    )


def cine(path: Path, station: str) -> Path:
    """Five frames in RLE."""
    made = dataset(COLOUR, pixels(COLOUR, frames=5), SOPClassUID=CINE, StationName=station)
    meta = write_meta(CINE, made.SOPInstanceUID, RLE.uid)
    path.write_bytes(meta + written(transcoded(image_of(made), RLE)))
    return path


def black(masked: np.ndarray) -> bool:
    return not masked.any()


def assert_masked_as_a_viewer_sees_it(found: Dataset, original: Path) -> None:
    """Inside the rectangles all is black, outside all is as it was."""
    after, before = found.pixel_array, dcmread(original).pixel_array
    assert found.BurnedInAnnotation == "NO"
    assert "113101" in [item.CodeValue for item in found.DeidentificationMethodCodeSequence]
    if found.SOPClassUID == CINE:
        assert black(after[:, :10, :20])
        assert (after[:, 10:] == before[:, 10:]).all()
        assert (after[:, :, 20:] == before[:, :, 20:]).all()
    else:
        assert black(after[:40])
        assert black(after[:, 600:])
        assert (after[40:, :600] == before[40:, :600]).all()


def test_what_orthanc_gives_out_by_wado_rs_is_masked(tmp_path: Path) -> None:
    still = Path(str(get_testdata_file("examples_jpeg2k.dcm")))
    loop, unknown = cine(tmp_path / "loop.dcm", "STATION"), cine(tmp_path / "unknown.dcm", "ELSEWHERE")
    to_both = (
        to_dicom(archive_port := free_port()),
        to_folder(tmp_path / "out", transfer_syntax="JPEG2000Lossless", transcode_only_uncompressed=False),
    )
    with (
        Orthanc(tmp_path / "orthanc", port=archive_port, plugins=(DICOM_WEB,)) as archive,
        Gateway(tmp_path / "data", document(*to_both)) as gateway,
    ):
        compressed = (["-xv"], [still]), (["-xr"], [loop, unknown])
        finished([storescu(gateway.port, files, options=options) for options, files in compressed])
        gateway.settled()
        local = [dcmread(path) for path in (tmp_path / "out").rglob("*.dcm")]
        fetched = [each for study in {each.StudyInstanceUID for each in local} for each in archive.retrieve(study)]
        ended = {each.state: each.detail for each in deliveries(gateway.data, to="archive")}

    assert ended.keys() == {State.SENT, State.HELD}, ended
    assert {each.file_meta.TransferSyntaxUID for each in fetched} == {J2K.uid, RLE.uid}, (ended, local)
    assert {each.file_meta.TransferSyntaxUID for each in local} == {J2K.uid}
    for received in (fetched, local):
        assert len(received) == 2
        for each in received:
            assert_masked_as_a_viewer_sees_it(each, still if each.SOPClassUID == ULTRASOUND else loop)
    assert "mask sha256:" in ended[State.SENT]
    assert "no mask is for this station" in ended[State.HELD]
