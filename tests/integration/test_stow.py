"""Delivery by STOW-RS to Orthanc's DICOMweb plug-in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from philae.destinations.stow import StowSender, StowSettings
from philae.dicom.syntax import IMPLICIT_LE
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import Refused, State
from tests.support.archives import DICOM_WEB, Orthanc
from tests.support.documents import document, node, to_stow
from tests.support.gateway import Gateway
from tests.support.lanes import ct_dataset, make_node, outgoing_of
from tests.support.receivers import delivered
from tests.support.scans import assert_deidentified, scans
from tests.support.senders import finished, storescu

JPEG_2000 = "1.2.840.10008.1.2.4.90"


@pytest.fixture
def orthanc(tmp_path: Path) -> Iterator[Orthanc]:
    with Orthanc(tmp_path / "orthanc", plugins=(DICOM_WEB,)) as running:
        yield running


@pytest.fixture
def sender(orthanc: Orthanc) -> Iterator[StowSender]:
    sender = StowSender(StowSettings(url=orthanc.dicom_web_url), make_node())
    yield sender
    sender.close()


def damaged(outgoing: Outgoing) -> Outgoing:
    return replace(outgoing, body=replace(outgoing.body, segments=(b"\x08\0\x16\0XX\4\0no dataset",)))


def test_a_damaged_instance_fails_alone_among_good_ones(orthanc: Orthanc, sender: StowSender) -> None:
    first, bad, last = (outgoing_of(number, ct_dataset(f"1.2.3.{number}")) for number in range(3))

    answers = delivered(sender, first, damaged(bad), last)

    assert [type(each) for each in answers] == [Receipt, Refused, Receipt]
    assert orthanc.count() == 2


@pytest.mark.parametrize("syntax_uid", [JPEG_2000, IMPLICIT_LE.uid])
def test_every_transfer_syntax_arrives_as_it_is(
    orthanc: Orthanc, sender: StowSender, tmp_path: Path, syntax_uid: str
) -> None:
    fragments = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x08\0\0\0\xff\x4f\xff\x51abcd\xfe\xff\xdd\xe0\0\0\0\0"
    encapsulated = ct_dataset(pixels=b"") + b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + fragments
    dataset = encapsulated if syntax_uid == JPEG_2000 else ct_dataset(syntax=IMPLICIT_LE)

    (answer,) = delivered(sender, outgoing_of(1, dataset, syntax_uid))

    assert answer == Receipt(State.SENT, "stored")
    (file,) = orthanc.fetch(tmp_path / "fetched")
    assert file.read_bytes().endswith(dataset)
    assert pydicom.dcmread(file, stop_before_pixels=True).file_meta.TransferSyntaxUID == syntax_uid


def test_an_instance_larger_than_any_piece_arrives_whole(orthanc: Orthanc, sender: StowSender, tmp_path: Path) -> None:
    large = outgoing_of(1, ct_dataset(pixels=bytes(range(256)) * (1 << 17)))

    (answer,) = delivered(sender, large)

    assert isinstance(answer, Receipt)
    assert orthanc.fetch(tmp_path / "fetched")[0].read_bytes().endswith(b"".join(large.body.buffers()))


def test_a_gateway_delivers_to_an_archive_without_identity(orthanc: Orthanc, tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=1, series=2, slices=4, size=64)
    with Gateway(tmp_path / "data", document(node(to_stow(orthanc.dicom_web_url)))) as gateway:
        finished([storescu(gateway.port, [scan.path for scan in sent])])
        counts = gateway.settled()

    assert counts["sent"] == counts["opened"] == len(sent)
    assert_deidentified(orthanc.fetch(tmp_path / "received"), sent)
