from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest

from philae.admin.doctor import Ill, Verdict
from philae.destinations.examination.trial import PATIENT, trial
from philae.destinations.folder import FolderSettings
from philae.dicom.part10 import write_meta
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import Refused, State, TryAgain
from tests.support.examining import case_of

CT, SC, MR = (f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2", "7", "4"))
SETTINGS = FolderSettings(path=Path("out"))


class Taking:
    """A sender that answers what the test says."""

    def __init__(self, answer: Callable[[], Receipt | Refused]) -> None:
        self.got: list[Outgoing] = []
        self.is_open = True
        self._answer = answer

    def deliver(self, _wanted: object, outgoings: Iterator[Outgoing]) -> Iterator[tuple[Outgoing, Any]]:
        for each in outgoings:
            self.got.append(each)
            yield each, self._answer()

    def close(self) -> None:
        self.is_open = False


def stored() -> Receipt:
    return Receipt(State.SENT, "0000H success")


def unreachable() -> Receipt:
    raise TryAgain("the receiver has gone")


@pytest.mark.parametrize(
    "lately, sop_classes, expected",
    [((), (), SC), ((CT, MR), (), CT), ((SC, CT), (), SC), ((MR,), (CT, MR), CT)],
)
def test_the_made_up_instance_is_of_a_class_that_the_destination_takes(
    lately: tuple[str, ...], sop_classes: tuple[str, ...], expected: str
) -> None:
    sender = Taking(stored)

    said = trial(
        case_of(SETTINGS, {(uid, "x"): 1 for uid in lately}, store=True, sop_classes=sop_classes), lambda: sender
    )

    assert (said.verdict, said.message) == (Verdict.OK, "SENT: 0000H success")
    assert [each.sop_class_uid for each in sender.got] == [expected]
    assert not sender.is_open


def test_the_made_up_instance_is_a_whole_dataset_of_nobody() -> None:
    sender = Taking(stored)

    trial(case_of(SETTINGS, store=True), lambda: sender)

    (sent,) = sender.got
    meta = write_meta(sent.sop_class_uid, sent.sop_instance_uid, sent.transfer_syntax_uid)
    dataset = pydicom.dcmread(pydicom.filebase.DicomBytesIO(meta + b"".join(sent.body.buffers())))
    assert dataset.PatientID == PATIENT
    assert dataset.pixel_array.size


@pytest.mark.parametrize("answer", [lambda: Refused("A900H"), unreachable])
def test_what_the_receiver_says_against_it_fails_the_step(answer: Callable[[], Any]) -> None:
    sender = Taking(answer)

    with pytest.raises(Ill, match="was not taken") as caught:
        trial(case_of(SETTINGS, store=True), lambda: sender)

    assert caught.value.advice
    assert not sender.is_open


def test_a_destination_of_other_classes_is_tried_with_nothing() -> None:
    sender = Taking(stored)

    said = trial(case_of(SETTINGS, store=True, sop_classes=(MR,)), lambda: sender)

    assert said.verdict is Verdict.SKIPPED
    assert sender.got == []
