from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event

import pytest

from philae.admin.declined import Declined
from philae.admin.deliveries import Facts, Key, Wanted
from philae.admin.doctor import Finding, Ill, Said, Step, Verdict, as_document, case_of, examine, is_healthy
from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.dicom.syntax import EXPLICIT_LE
from tests.support.lanes import make_destination, make_node

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
SR = "1.2.840.10008.5.1.4.1.1.88.33"
JPEG, JPEG_2000 = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90"


@dataclass
class Scripted:
    """`philae.admin.doctor.Examination` of these steps."""

    takes: dict[str, Callable[[], Said]]
    closed: Event = field(default_factory=Event)

    def steps(self) -> Sequence[Step]:
        return [Step(name, take) for name, take in self.takes.items()]

    def close(self) -> None:
        self.closed.set()


class Book:
    """`philae.admin.deliveries.DeliveryBook` that holds these."""

    def __init__(self, *found: Facts) -> None:
        self._found = found

    def page(self, wanted: Wanted, after: Key | None, limit: int) -> Sequence[Facts]:
        return [each for each in self._found if each.node == wanted.node][:limit]

    def count(self, wanted: Wanted, at_most: int) -> int:
        raise NotImplementedError

    def one(self, key: Key) -> Facts | None:
        raise NotImplementedError


def facts(instance_id: int, destination_id: int, **texts: str) -> Facts:
    """A delivery of which nothing else counts."""
    known = {"instance_id": instance_id, "destination_id": destination_id, "node": "PHILAE", **texts}
    return Facts(**{**dict.fromkeys(Facts._fields, ""), **known})  # type: ignore[arg-type]


def ill() -> Said:
    raise Ill("it is broken", "mend it")


def test_steps_after_one_that_failed_are_skipped() -> None:
    examination = Scripted({"a": lambda: Said("fine"), "b": ill, "c": lambda: Said("never")})

    found = list(examine(examination))

    assert [(each.step, each.verdict.value) for each in found] == [("a", "ok"), ("b", "failed"), ("c", "skipped")]
    assert (found[1].message, found[1].advice) == ("it is broken", "mend it")
    assert not is_healthy(found)


def test_a_warning_stops_nothing() -> None:
    examination = Scripted({"a": lambda: Said("old", Verdict.WARNING, "renew it"), "b": lambda: Said("fine")})

    found = list(examine(examination))

    assert [each.verdict.value for each in found] == ["warning", "ok"]
    assert is_healthy(found)


def test_a_step_without_end_fails_and_what_it_holds_is_closed_once_it_ends() -> None:
    goes_on = Event()
    examination = Scripted({"a": lambda: Said(str(goes_on.wait(60))), "b": lambda: Said("never")})

    found = list(examine(examination, limit_s=0.05))

    assert [each.verdict.value for each in found] == ["failed", "skipped"]
    assert "0.05 s" in found[0].message
    assert not examination.closed.is_set()
    goes_on.set()
    assert examination.closed.wait(60)


def test_an_examination_is_closed_when_it_is_over() -> None:
    examination = Scripted({"a": ill})

    list(examine(examination))

    assert examination.closed.is_set()


def test_a_case_counts_what_its_node_received_for_it_once_per_instance() -> None:
    to_ct = make_destination().model_copy(update={"sop_classes": (CT,)})
    other = make_destination(2, name="other")
    book = Book(
        facts(2, 1, sop_class_uid=CT, calling_ae_title="NEWEST"),
        facts(2, 2, sop_class_uid=CT),
        facts(1, 1, sop_class_uid=MR),
        facts(1, 2, sop_class_uid=MR),
        facts(3, 3, sop_class_uid=CT, node="OTHER"),
    )
    configuration = Configuration(forward_nodes=(make_node(to_ct, other),))

    filtered, all_of_it = (case_of(configuration, book, f"PHILAE/{name}") for name in ("out", "other"))

    assert {pair[0]: count for pair, count in filtered.lately.items()} == {CT: 1}
    assert {pair[0]: count for pair, count in all_of_it.lately.items()} == {CT: 1, MR: 1}
    assert filtered.calling_ae_title == "NEWEST"


def test_a_case_counts_images_in_the_syntax_that_they_leave_in() -> None:
    change = {"transfer_syntax": JPEG_2000, "transcode_only_uncompressed": True}
    transcoding = make_destination().model_copy(update=change)
    arrivals = [(CT, EXPLICIT_LE.uid), (CT, JPEG), (SR, EXPLICIT_LE.uid)]
    book = Book(*(facts(n, 1, sop_class_uid=of, transfer_syntax_uid=syntax) for n, (of, syntax) in enumerate(arrivals)))

    case = case_of(Configuration(forward_nodes=(make_node(transcoding),)), book, "PHILAE/out")

    assert case.lately == {(CT, JPEG_2000): 1, (CT, JPEG): 1, (SR, EXPLICIT_LE.uid): 1}


def test_a_destination_that_is_not_there_is_declined_with_those_that_are() -> None:
    configuration = Configuration(forward_nodes=(make_node(),))

    with pytest.raises(Declined, match="PHILAE/out"):
        case_of(configuration, Book(), "PHILAE/nowhere")


def test_a_document_says_whether_all_is_well() -> None:
    destination: Destination = make_destination()
    case = case_of(Configuration(forward_nodes=(make_node(destination),)), Book(), "PHILAE/out")

    document = as_document(case, [Finding("a", Verdict.FAILED, "broken", "mend it", 1.5)])

    assert document == {
        "node": "PHILAE",
        "destination": "out",
        "kind": "folder",
        "healthy": False,
        "findings": [{"step": "a", "verdict": "failed", "message": "broken", "advice": "mend it", "ms": 1.5}],
    }
