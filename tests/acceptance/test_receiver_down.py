"""A receiver goes away in mid-run and comes back: all arrives, in order, and the other destination never waits."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event

from tests.support.archives import Recorder, Taken, until
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import Gateway
from tests.support.scans import scans
from tests.support.senders import PersistentSender

SERIES = 4
SLICES = 40
BEFORE = 10
LEAVE_S = 30.0
DOWN_S = 6.0


def run(tmp_path: Path, associations: int, *, at_once: bool) -> list[Taken]:
    """What the receiver took, in its order; it is down while most of the instances are sent."""
    sent = [scan.path for scan in scans(tmp_path / "sent", series=SERIES, slices=SLICES)]
    shares = [sent[start : start + SLICES] for start in range(0, len(sent), SLICES)] if at_once else [sent]
    out = tmp_path / "out"
    leaving, back = Event(), Event()

    def answer(number: int) -> int:
        """Success for the first few; then nothing more until it leaves."""
        if number > BEFORE and not back.is_set():
            leaving.wait(LEAVE_S)
            return 0xA700
        return 0x0000

    with Recorder(answer=answer) as receiver:
        nodes = node(to_dicom(receiver.port, associations=associations), to_folder(out))
        with Gateway(tmp_path / "data", document(nodes)) as gateway:
            senders = [PersistentSender(gateway.port, share) for share in shares]
            for sender in senders:
                sender.start()
            until(lambda: receiver.requests > BEFORE, f"the receiver was asked to take more than {BEFORE}")
            leaving.set()
            receiver.stop()
            back_at = time.monotonic() + DOWN_S
            for sender in senders:
                sender.join()
            until(lambda: len(list(out.rglob("*.dcm"))) == len(sent), "the folder has everything")
            waiting = gateway.status()["deliveries"]["waiting"]
            time.sleep(max(0.0, back_at - time.monotonic()))
            back.set()
            receiver.start()
            counts = gateway.settled()

    assert all(not sender.breaks and not sender.refusals for sender in senders)
    assert waiting == len(sent) - BEFORE
    assert counts["sent"] == counts["opened"] == 2 * len(sent)
    return list({taken.uid: taken for taken in receiver.taken}.values())


def test_series_arrive_in_order_over_several_associations(tmp_path: Path) -> None:
    taken = run(tmp_path, associations=4, at_once=True)

    assert len(taken) == SERIES * SLICES
    for series in {each.series for each in taken}:
        numbers = [each.instance_number for each in taken if each.series == series]
        assert len(numbers) == SLICES
        assert numbers == sorted(numbers)


def test_everything_arrives_in_the_order_of_acceptance_over_one_association(tmp_path: Path) -> None:
    taken = run(tmp_path, associations=1, at_once=False)

    assert [each.instance_number for each in taken] == list(range(1, SERIES * SLICES + 1))
