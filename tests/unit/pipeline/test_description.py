"""What a study says of itself as it leaves."""

from __future__ import annotations

import zlib

import pytest

from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from philae.pipeline.description import Describing, words_of
from philae.pipeline.model import Excluded, Outgoing, StudyWords
from tests.support.lanes import as_it_is, ct_dataset, outgoing_of
from tests.support.trees import Element, encode, text

HEAD = [
    text(0x00080005, "CS", "ISO_IR 192"),
    text(0x00080020, "DA", "20240102"),
    Element(0x00081030, "LO", "Schädel ".encode()),
    text(0x00100020, "LO", "P1"),
]
WORDS = StudyWords("Schädel", "20240102")


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE])
def test_description_and_date_are_read_in_the_character_set(syntax: TransferSyntax) -> None:
    assert words_of(encode(HEAD, syntax), syntax.uid) == WORDS


def test_a_deflated_dataset_is_read() -> None:
    deflated = zlib.compressobj(wbits=-15)
    head = deflated.compress(encode(HEAD, EXPLICIT_LE)) + deflated.flush()

    assert words_of(head, DEFLATED_LE.uid) == WORDS


@pytest.mark.parametrize("head", [b"", b"\x08", b"no dataset at all", encode(HEAD, EXPLICIT_LE)[:20]])
def test_what_cannot_be_read_says_nothing(head: bytes) -> None:
    assert words_of(head, EXPLICIT_LE.uid) == StudyWords()


def test_only_those_who_are_notified_of_are_read_and_each_study_once() -> None:
    describing = Describing(as_it_is, lambda: {1})
    first, other = outgoing_of(1, ct_dataset()), outgoing_of(2, ct_dataset(), destination_id=2)

    described = [describing(each.delivery, each.body.file) for each in (first, first, other)]

    assert [isinstance(each, Outgoing) and each.study for each in described] == [StudyWords(), StudyWords(), None]
    assert len(describing._known) == 1


def test_what_does_not_leave_is_passed_on() -> None:
    excluded = Excluded("not wanted")
    outgoing = outgoing_of(1, ct_dataset())

    describing = Describing(lambda *_: excluded, lambda: {1})

    assert describing(outgoing.delivery, outgoing.body.file) is excluded
