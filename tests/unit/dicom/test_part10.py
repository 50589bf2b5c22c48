"""Preamble and file meta information."""

import io

import pydicom
import pytest

from philae.dicom.implementation import IMPLEMENTATION_CLASS_UID
from philae.dicom.part10 import FileMeta, NotDicom, read_meta, write_meta
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.trees import encode, text

DATASET = [text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"), text(0x00080018, "UI", "1.2.3")]


def test_what_is_written_can_be_read() -> None:
    head = write_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", EXPLICIT_LE.uid, "PHILAE")

    found = read_meta(head + encode(DATASET))

    assert found == FileMeta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", EXPLICIT_LE.uid, len(head))


def test_pydicom_reads_what_is_written() -> None:
    head = write_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", EXPLICIT_LE.uid, "PHILAE")

    meta = pydicom.dcmread(io.BytesIO(head + encode(DATASET))).file_meta

    assert meta.MediaStorageSOPInstanceUID == "1.2.3"
    assert meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert meta.SourceApplicationEntityTitle == "PHILAE"
    assert meta.FileMetaInformationGroupLength == len(head) - 144


def test_a_file_without_preamble_is_read() -> None:
    head = write_meta("1.2", "1.2.3", IMPLICIT_LE.uid)[132:]

    assert read_meta(head).transfer_syntax_uid == IMPLICIT_LE.uid


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE])
def test_a_plain_dataset_is_recognised(syntax: TransferSyntax) -> None:
    assert read_meta(encode(DATASET, syntax)) == FileMeta("", "", syntax.uid, 0)


@pytest.mark.parametrize(
    "head", [b"", b"%PDF-1.7 something", bytes(200), bytes(128) + b"DICM", b"DICM" + bytes(300), bytes(range(256))]
)
def test_other_bytes_are_not_dicom(head: bytes) -> None:
    with pytest.raises(NotDicom):
        read_meta(head)


@pytest.mark.parametrize("end", range(133, 180))
def test_meta_information_that_is_cut_off_is_not_dicom_or_read_as_far_as_it_goes(end: int) -> None:
    head = write_meta("1.2.840.10008.5.1.4.1.1.2", "1.2.3", EXPLICIT_LE.uid)[:end]

    try:
        found = read_meta(head)
    except NotDicom:
        return
    assert found.dataset_offset <= end
