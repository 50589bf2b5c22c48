"""Any dataset that the generators make keeps its values on the way to Implicit VR and back."""

from __future__ import annotations

from io import BytesIO

import pydicom
from hypothesis import given, settings
from hypothesis import strategies as st

from philae.dicom.recode import recode
from philae.dicom.scan import Encoded, MalformedDataset
from philae.dicom.splice import joined
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.strategies import trees
from tests.support.trees import Tree, encode

Values = list[tuple[int, "bytes | list[Values]"]]


def recoded(raw: bytes, source: TransferSyntax, target: TransferSyntax) -> bytes:
    return joined(raw, recode(Encoded(raw, 0, len(raw), source), target))


def values(raw: bytes, *, implicit: bool) -> Values:
    """What pydicom reads, as bytes by tag: the VR mode leaves no trace in it."""
    return _values(pydicom.filereader.read_dataset(BytesIO(raw), implicit, True))


def _values(dataset: pydicom.Dataset) -> Values:
    found: Values = []
    for tag in dataset.keys():  # noqa: SIM118 - a dataset is no dictionary
        raw = dataset.get_item(tag)
        if dataset[tag].VR == "SQ":
            found.append((int(tag), [_values(item) for item in dataset[tag].value] or b""))
        else:
            found.append((int(tag), raw.value or b""))
    return found


@settings(max_examples=40)
@given(tree=trees(), undefined=st.booleans())
def test_pydicom_reads_the_same_values_in_every_syntax(tree: Tree, undefined: bool) -> None:
    explicit = encode(tree, undefined=undefined)
    implicit = recoded(explicit, EXPLICIT_LE, IMPLICIT_LE)
    back = recoded(implicit, IMPLICIT_LE, EXPLICIT_LE)

    expected = values(explicit, implicit=False)
    assert values(back, implicit=False) == expected
    assert values(implicit, implicit=True) == expected


@settings(max_examples=40)
@given(tree=trees(), undefined=st.booleans())
def test_what_was_recoded_once_stays_as_it_is(tree: Tree, undefined: bool) -> None:
    implicit = recoded(encode(tree, undefined=undefined), EXPLICIT_LE, IMPLICIT_LE)

    assert recoded(recoded(implicit, IMPLICIT_LE, EXPLICIT_LE), EXPLICIT_LE, IMPLICIT_LE) == implicit
    assert recoded(implicit, IMPLICIT_LE, IMPLICIT_LE) == implicit


@settings(max_examples=40)
@given(tree=trees(), undefined=st.booleans(), cut=st.integers(1, 40))
def test_a_dataset_cut_short_is_refused_or_is_one_that_ends_there(tree: Tree, undefined: bool, cut: int) -> None:
    whole = encode(tree, undefined=undefined)
    raw = whole[:-cut]

    try:
        implicit = recoded(raw, EXPLICIT_LE, IMPLICIT_LE)
    except MalformedDataset:
        return

    expected = values(whole, implicit=False)
    kept = values(implicit, implicit=True)
    assert kept == expected[: len(kept)]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_dataset_are_refused_in_words(raw: bytes) -> None:
    for source, target in ((EXPLICIT_LE, IMPLICIT_LE), (IMPLICIT_LE, EXPLICIT_LE)):
        try:
            recoded(raw, source, target)
        except MalformedDataset as fault:
            assert fault.offset <= len(raw)  # noqa: PT017 - either outcome is right
