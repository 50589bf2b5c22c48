"""Requests and reports of storage commitment say what other implementations read and write."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread

from philae.dicom.commitment import Failure, Reference, Report, decode_report, encode_request, failure_in_words
from philae.dicom.scan import Encoded, MalformedDataset
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.commitments import encoded_report

SYNTAXES = {"implicit": IMPLICIT_LE, "explicit": EXPLICIT_LE, "big endian": EXPLICIT_BE}


def test_a_request_reads_the_same_with_pydicom() -> None:
    references = [Reference("1.2.840.10008.5.1.4.1.1.2", "1.2.3"), Reference("1.2.840.10008.5.1.4.1.1.4", "1.2.34")]

    dataset = dcmread(BytesIO(encode_request("2.25.7", references)), force=True)

    assert dataset.TransactionUID == "2.25.7"
    found = [(item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) for item in dataset.ReferencedSOPSequence]
    assert found == [(each.sop_class_uid, each.sop_instance_uid) for each in references]


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_a_report_tells_what_is_committed_and_what_is_not_and_why(syntax: TransferSyntax) -> None:
    report = encoded_report("2.25.7", ["1.2.3", "1.2.34"], {"1.2.5": 0x0112, "1.2.6": 0x0213}, syntax)

    found = decode_report(report)

    failed = (Failure("1.2.5", 0x0112), Failure("1.2.6", 0x0213))
    assert found == Report("2.25.7", ("1.2.3", "1.2.34"), failed)


def test_a_failure_without_a_reason_is_a_failure() -> None:
    whole = encoded_report("2.25.7", [], {"1.2.5": 0x0112})
    raw = bytes(whole.source).replace(b"\x08\0\x97\x11", b"\x08\0\x96\x11")

    assert decode_report(replace(whole, source=raw)).failed == (Failure("1.2.5", 0x0110),)


def test_a_report_that_names_no_transaction_is_none() -> None:
    with pytest.raises(MalformedDataset):
        decode_report(encoded_report("", ["1.2.3"]))


@given(st.binary(max_size=200), st.sampled_from(list(SYNTAXES.values())))
def test_whatever_comes_is_a_report_or_malformed(raw: bytes, syntax: TransferSyntax) -> None:
    try:
        found = decode_report(Encoded(raw, 0, len(raw), syntax))
    except MalformedDataset:
        return
    assert found.transaction_uid


def test_reasons_have_words() -> None:
    assert failure_in_words(0x0112) == "0112H no such object instance"
    assert failure_in_words(0x0999) == "0999H unknown reason"
