"""Morphing, fallbacks, windows and limits in one gateway: each instance is where it should be, and accounted for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pydicom
import yaml

from philae.dicom.syntax import IMPLICIT_LE
from philae.dimse.errors import AssociationRejected
from philae.dimse.requestor import Address, Association, ProposedContext
from philae.dimse.sop_classes import VERIFICATION
from philae.pipeline.outcome import State
from tests.support.archives import Recorder, until
from tests.support.datasets import encode, make_dataset
from tests.support.deliveries import deliveries
from tests.support.documents import PROFILE, document, node, to_dicom, to_folder
from tests.support.gateway import Gateway, free_port
from tests.support.senders import store

MORPHING = """\
name: Marking
version: "1.0"
profileElements:
  - {name: Trial, codename: expression.on.tags, tags: [StudyDescription], arguments: {expr: "Replace('TRIAL 7')"}}
"""
UIDS = ("1.2.3.1", "1.2.3.2")


def text(refusing: int, out: Path) -> str:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%a").lower()
    written = yaml.safe_load(
        document(
            node(
                to_dicom(refusing, "archive", fallback="spare"),
                to_folder(out / "spare", "spare", deidentify=None, morph={"project": "Marked"}),
                to_dicom(free_port(), "away", fallback="reserve", fallback_after_s=0.5),
                to_folder(out / "reserve", "reserve", deidentify=None),
                to_folder(out / "night", "night", windows=[f"{tomorrow} 12:00-13:00"], time_zone="UTC"),
            ),
            node(to_folder(out / "narrow"), ae_title="NARROW", limits={"associations": 1}),
        )
    )
    written["profiles"] = [{"text": PROFILE}, {"text": MORPHING}]
    written["projects"].append({"name": "Marked", "profile": "Marking"})
    return yaml.safe_dump(written)


def associated(port: int) -> Association:
    return Association.connect(
        Address("127.0.0.1", port, "NARROW", "CT01"), [ProposedContext(VERIFICATION, (IMPLICIT_LE.uid,))]
    )


def has_room(port: int) -> bool:
    try:
        associated(port).release()
    except AssociationRejected:
        return False
    return True


def names(folder: Path) -> dict[str, str]:
    found = [pydicom.dcmread(file) for file in folder.rglob("*.dcm")]
    return {each.SOPInstanceUID: each.StudyDescription for each in found}


def test_refused_and_waiting_instances_reach_their_fallbacks_and_closed_destinations_wait(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Recorder(answer=lambda _: 0xA900) as refusing, Gateway(tmp_path / "data", text(refusing.port, out)) as gateway:
        for uid in UIDS:
            assert store(gateway.port, encode(make_dataset(uid, StudyDescription="Head")), uid).status == 0
        until(lambda: len(names(out / "spare")) == len(UIDS), "what is refused goes to the fallback")
        until(lambda: len(names(out / "reserve")) == len(UIDS), "what waits goes to the fallback")
        until(lambda: [each.state for each in deliveries(gateway.data)].count(State.SENT) == 4, "the ledger knows")
        status: Any = gateway.status()
        found = deliveries(gateway.data)
        with associated(gateway.port):
            assert not has_room(gateway.port)
        until(lambda: has_room(gateway.port), "another association may come")

    assert names(out / "spare") == dict.fromkeys(UIDS, "TRIAL 7")
    assert names(out / "reserve") == dict.fromkeys(UIDS, "Head")
    assert names(out / "night") == {}
    by_name = {each["name"]: each for each in status["nodes"][0]["destinations"]}
    assert by_name["night"]["closed_until"].endswith("T12:00:00+00:00")
    assert {name: {k: v for k, v in each["deliveries"].items() if v} for name, each in by_name.items()} == {
        "archive": {"opened": 2, "failed": 2},
        "spare": {"opened": 2, "sent": 2},
        "away": {"opened": 2, "waiting": 2},
        "reserve": {"opened": 2, "sent": 2},
        "night": {"opened": 2, "waiting": 2},
    }
    assert {each.attempts for each in found if each.state is State.QUEUED} == {0}
