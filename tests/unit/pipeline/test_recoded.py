from __future__ import annotations

import pytest

from philae.dicom.scan import MalformedDataset
from philae.dicom.splice import Span
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE
from philae.pipeline.body import Body
from philae.pipeline.recoded import recoded
from tests.support.fakes import FakeFile
from tests.support.lanes import ct_dataset
from tests.support.trees import Element, encode


def edited_body(dataset: bytes) -> Body:
    """A body of two segments whose first is edited."""
    file = FakeFile(dataset, EXPLICIT_LE.uid)
    return Body(file, (bytes(dataset[:20]), Span(20, len(dataset))))


def test_an_edited_dataset_goes_out_in_the_other_syntax() -> None:
    body = edited_body(ct_dataset(pixels=bytes(range(256)) * 40))

    other = recoded(body, EXPLICIT_LE, IMPLICIT_LE)

    assert b"".join(other.buffers()) == ct_dataset(syntax=IMPLICIT_LE, pixels=bytes(range(256)) * 40)
    assert other.length == len(b"".join(other.buffers()))


def test_it_outlives_the_file_that_it_was_made_of() -> None:
    body = edited_body(ct_dataset(pixels=bytes(3 << 20)))
    other = recoded(body, EXPLICIT_LE, IMPLICIT_LE)

    body.file.close()
    blocks = list(other.buffers())
    other.file.close()

    assert sum(map(len, blocks)) == other.length
    assert max(map(len, blocks)) <= 1 << 20


def test_blocks_stay_as_they_are_while_they_are_held() -> None:
    pixels = bytes(1 << 20) + b"\1" * (1 << 20)
    other = recoded(edited_body(ct_dataset(pixels=pixels)), EXPLICIT_LE, IMPLICIT_LE)

    held = list(other.buffers())

    assert b"".join(held).endswith(pixels)


def test_a_dataset_that_ends_early_is_refused() -> None:
    dataset = ct_dataset() + encode([Element(0x7FE10010, "LO", b"text")])[:-3]

    with pytest.raises(MalformedDataset):
        recoded(edited_body(dataset), EXPLICIT_LE, IMPLICIT_LE)
