"""The same instance again, with the same bytes or with others: each is delivered, marked, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pydicom

from philae.pipeline.model import Repeat
from philae.pipeline.outcome import State
from tests.support.archives import Storescp
from tests.support.datasets import encode, make_dataset, new_uid
from tests.support.deliveries import deliveries
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import Gateway
from tests.support.senders import store


def test_repeats_are_delivered_and_marked_and_overwrite_nothing(tmp_path: Path) -> None:
    uid = new_uid()
    first, other = encode(make_dataset(uid)), encode(make_dataset(uid, InstanceNumber="2"))
    with Storescp(tmp_path / "received") as receiver:
        nodes = node(
            to_dicom(receiver.port),
            to_folder(tmp_path / "clean", "clean"),
            to_folder(tmp_path / "plain", "plain", deidentify=None),
        )
        with Gateway(tmp_path / "data", document(nodes)) as gateway:
            answers = [store(gateway.port, dataset, uid).status for dataset in (first, first, other)]
            gateway.settled()
            status = gateway.status()
            found = deliveries(gateway.data)

    assert answers == [0x0000] * 3
    assert status["instances"]["accepted"] == 3
    assert [each.repeat for each in found if each.destination == "plain"] == [
        Repeat.FIRST,
        Repeat.SAME_BYTES,
        Repeat.OTHER_BYTES,
    ]
    assert [each.state for each in found if each.destination == "archive"] == [State.SENT] * 3
    assert [each.state for each in found if each.destination == "plain"] == [
        State.SENT,
        State.ALREADY_PRESENT,
        State.SENT,
    ]
    plain = sorted((tmp_path / "plain").rglob("*.dcm"))
    assert [path.name for path in plain] == [f"{uid}.2.dcm", f"{uid}.dcm"]
    assert [pydicom.dcmread(path).InstanceNumber for path in plain] == [2, 1]
    clean = [pydicom.dcmread(path) for path in (tmp_path / "clean").rglob("*.dcm")]
    assert {int(each.InstanceNumber) for each in clean} == {1, 2}
    assert len({each.SOPInstanceUID for each in clean}) == 1
