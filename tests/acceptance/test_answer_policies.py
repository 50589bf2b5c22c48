"""A sender hears of an instance what the answer policy of its forward node says, and nothing is lost either way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.archives import Recorder, until
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import Gateway, free_port
from tests.support.scans import scans
from tests.support.senders import statuses

INSTANCES = 3
NOT_DELIVERED = 0x0110


@pytest.mark.parametrize(
    "policy, answer, code",
    [
        ("pass-through", 0, 0),
        ("pass-through", 0xC000, NOT_DELIVERED),
        ("any", 0xC000, 0),
        ("store-and-forward", 0xC000, 0),
    ],
)
def test_a_sender_hears_what_became_of_its_instance(tmp_path: Path, policy: str, answer: int, code: int) -> None:
    sent = scans(tmp_path / "sent", slices=INSTANCES)
    with Recorder(answer=lambda _: answer) as archive:
        configured = node(to_dicom(archive.port), to_folder(tmp_path / "out"), answer=policy)
        gateway = Gateway(tmp_path / "data", document(configured)).start()
        try:
            heard = statuses(gateway.port, [scan.path for scan in sent])
            confirmed = archive.requests
            gateway.settled()
        finally:
            gateway.stop()

    assert heard == [code] * INSTANCES
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == INSTANCES
    if policy == "pass-through":
        assert confirmed == INSTANCES


def test_an_instance_that_was_not_confirmed_in_time_is_delivered_all_the_same(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", slices=1)
    port = free_port()
    configured = node(to_dicom(port), answer="pass-through", answer_timeout_s=0.3)
    gateway = Gateway(tmp_path / "data", document(configured)).start()
    try:
        heard = statuses(gateway.port, [scan.path for scan in sent])
        with Recorder(port=port) as archive:
            until(lambda: len(archive.taken) == 1, "the instance arrives")
    finally:
        gateway.stop()

    assert heard == [NOT_DELIVERED]
