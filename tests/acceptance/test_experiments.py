"""Situations in which gateways are known to lose, truncate or mislabel instances, with what ours does (spec H)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest

from philae.dicom.standard.uids import find_sop_class
from philae.dicom.syntax import EXPLICIT_LE
from philae.dimse.errors import AssociationRejected
from philae.dimse.requestor import Association, ProposedContext
from philae.pipeline.outcome import State
from tests.support.archives import DICOM_WEB, Orthanc, Recorder, until
from tests.support.datasets import part10
from tests.support.deliveries import deliveries, spool_files
from tests.support.documents import document, node, to_dicom, to_folder, to_stow
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.images import GREY, dataset, pixels
from tests.support.scans import scans
from tests.support.senders import PersistentSender, address, send

J2K_LOSSLESS = "1.2.840.10008.1.2.4.90"
CT = find_sop_class("CT Image Storage")


@pytest.mark.parametrize("dead_first", [True, False])
def test_a_dead_destination_costs_the_live_one_nothing_wherever_it_stands(tmp_path: Path, *, dead_first: bool) -> None:
    sent = scans(tmp_path / "sent", slices=5)
    with Recorder() as live:
        both = [to_dicom(free_port(), "dead"), to_dicom(live.port, "live")]
        with Gateway(tmp_path / "data", document(node(*both[:: 1 if dead_first else -1]))) as gateway:
            send(gateway.port, [scan.path for scan in sent])
            until(lambda: len(live.taken) == len(sent), "everything reaches the live destination")
            waiting = deliveries(gateway.data, to="dead")

    assert [each.state for each in waiting] == [State.QUEUED] * len(sent)


def test_native_images_reach_a_stow_destination_as_jpeg_2000_with_the_same_pixels(tmp_path: Path) -> None:
    values = pixels(GREY)
    made = dataset(GREY, values)
    (tmp_path / "image.dcm").write_bytes(part10(made))
    with Orthanc(tmp_path / "orthanc", plugins=(DICOM_WEB,)) as archive:
        to = to_stow(f"{archive.dicom_web_url}/studies", transfer_syntax="JPEG2000Lossless")
        with Gateway(tmp_path / "data", document(node(to))) as gateway:
            send(gateway.port, [tmp_path / "image.dcm"])
            gateway.settled()
        (file,) = archive.fetch(tmp_path / "fetched")

    found = pydicom.dcmread(file)
    assert found.file_meta.TransferSyntaxUID == J2K_LOSSLESS
    assert np.array_equal(found.pixel_array, values[0])


def test_an_image_that_cannot_be_encoded_is_held_with_its_original_and_nothing_is_sent(tmp_path: Path) -> None:
    made = dataset(GREY, pixels(GREY))
    made.PixelData = made.PixelData[:-100]
    (tmp_path / "damaged.dcm").write_bytes(part10(made))
    with Recorder() as archive:
        to = to_dicom(archive.port, transfer_syntax="JPEG2000Lossless")
        with Gateway(tmp_path / "data", document(node(to))) as gateway:
            send(gateway.port, [tmp_path / "damaged.dcm"])
            gateway.settled()
            (delivery,) = deliveries(gateway.data)

    assert delivery.state is State.HELD
    assert "ixel" in delivery.detail
    assert len(spool_files(gateway.data)) == 1
    assert archive.requests == 0


@pytest.mark.parametrize(
    "source, is_welcome",
    [
        ({"ae_title": "CT01"}, True),
        ({"ae_title": "CT01", "hostname": "192.0.2.1"}, True),
        ({"ae_title": "CT01", "hostname": "192.0.2.1", "check_hostname": True}, False),
        ({"ae_title": "CT01", "hostname": "localhost", "check_hostname": True}, True),
        ({"ae_title": "MR01"}, False),
    ],
)
def test_a_source_is_known_by_its_ae_title_and_by_its_host_where_that_is_asked(
    tmp_path: Path, source: dict[str, object], *, is_welcome: bool
) -> None:
    context = [ProposedContext(CT, (EXPLICIT_LE.uid,))]
    configured = document(node(to_folder(tmp_path / "out"), sources=[source]))

    with Gateway(tmp_path / "data", configured) as gateway:
        try:
            Association.connect(address(gateway.port), context).release()
        except AssociationRejected:
            admitted = False
        else:
            admitted = True

    assert admitted == is_welcome


def test_configuration_changes_under_load_cost_no_instance_and_hold_for_the_next_association(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=2, slices=60)
    first, second = to_folder(tmp_path / "first", "first"), to_folder(tmp_path / "second", "second")
    changed = tmp_path / "changed.yml"
    with Gateway(tmp_path / "data", document(node(first))) as gateway:
        senders = [PersistentSender(gateway.port, [scan.path for scan in share]) for share in (sent[:60], sent[60:])]
        for sender in senders:
            sender.start()
        for text in (document(node(first, second)), document(node(first)), document(node(first, second))):
            changed.write_text(text)
            subprocess.run([PHILAE, "config", "apply", changed, "--data", gateway.data], check=True)
        last = scans(tmp_path / "last", slices=2)
        send(gateway.port, [scan.path for scan in last])
        for sender in senders:
            sender.join()
        counts = gateway.settled()

    assert [(sender.breaks, sender.refusals) for sender in senders] == [(0, 0), (0, 0)]
    assert len(list((tmp_path / "first").rglob("*.dcm"))) == len(sent) + len(last)
    assert len(list((tmp_path / "second").rglob("*.dcm"))) >= len(last)
    assert counts["sent"] == counts["opened"]


def test_the_clinical_log_tells_of_every_deidentified_instance_without_being_asked_for(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", slices=100)
    with Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out")))) as gateway:
        send(gateway.port, [scan.path for scan in sent])
        gateway.settled()
        lines = [json.loads(line) for line in (gateway.data / "logs" / "clinical.log").read_text().splitlines()]

    assert sorted(line["sop_instance_uid"] for line in lines) == sorted(scan.uid for scan in sent)
    assert {line["project"] for line in lines} == {"Trial"}
