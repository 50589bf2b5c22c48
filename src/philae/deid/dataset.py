"""De-identification for people who hold a pydicom dataset."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.uid import UID

from philae.deid.errors import DeidError
from philae.deid.files.pseudonym_choice import FromPatient
from philae.deid.report import Row, rows
from philae.deid.tripwire import Tripwire
from philae.dicom.scan import Encoded
from philae.dicom.splice import joined
from philae.dicom.standard.dictionary import teach_pydicom
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax

if TYPE_CHECKING:
    from pydicom import Dataset

    from philae.deid.engine import CompiledProfile

teach_pydicom()


def deidentify(
    dataset: Dataset, compiled: CompiledProfile, *, pseudonym: str | None = None, now: datetime | None = None
) -> Dataset:
    """A de-identified copy, with its file meta if ``dataset`` has one.

    Values are encoded as the dataset was read, or in Explicit VR Little Endian if it was made in memory. Without
    ``pseudonym`` it is derived as the gateway does; ``now`` becomes the instance's creation date and time.
    Raises `DeidError`, also if the profile excludes the instance or an original identifier would be left.
    """
    syntax = _syntax_of(dataset)
    encoded = encode(dataset, syntax)
    plan, segments = compiled.apply(
        encoded, pseudonym=pseudonym or _derived(compiled, encoded), now=now or datetime.now(UTC)
    )
    if plan.excluded is not None:
        raise DeidError(plan.excluded)
    Tripwire(compiled).check(encoded, plan)
    result = decode(joined(encoded.source, segments), syntax)
    if hasattr(dataset, "file_meta"):
        result.file_meta = deepcopy(dataset.file_meta)
        result.file_meta.MediaStorageSOPClassUID = UID(plan.sop_class_uid)
        result.file_meta.MediaStorageSOPInstanceUID = UID(plan.sop_instance_uid)
    return result


def explain(
    dataset: Dataset, compiled: CompiledProfile, *, pseudonym: str | None = None, kept: bool = False
) -> list[Row]:
    """What `deidentify` would change and why, a row an attribute; with ``kept`` also what stays. Raises `DeidError`."""
    encoded = encode(dataset, _syntax_of(dataset))
    plan = compiled.plan(encoded, pseudonym=pseudonym or _derived(compiled, encoded), now=datetime.now(UTC))
    if plan.excluded is not None:
        raise DeidError(plan.excluded)
    return list(rows(plan, encoded, compiled, kept=kept))


def _derived(compiled: CompiledProfile, encoded: Encoded) -> str:
    return FromPatient(compiled.keys).pseudonym(encoded)


def encode(dataset: Dataset, syntax: TransferSyntax = EXPLICIT_LE) -> Encoded:
    """The dataset as bytes of ``syntax``; deflated ones are not deflated."""
    buffer = DicomBytesIO()
    buffer.is_little_endian = not syntax.big_endian
    buffer.is_implicit_VR = syntax.implicit
    write_dataset(buffer, dataset)
    raw = buffer.getvalue()
    return Encoded(raw, 0, len(raw), syntax)


def decode(raw: bytes, syntax: TransferSyntax = EXPLICIT_LE) -> Dataset:
    """The dataset that ``raw`` holds, read as far as pydicom reads before values are asked for."""
    dataset = read_dataset(BytesIO(raw), is_implicit_VR=syntax.implicit, is_little_endian=not syntax.big_endian)
    dataset.set_original_encoding(syntax.implicit, not syntax.big_endian)
    return dataset


def _syntax_of(dataset: Dataset) -> TransferSyntax:
    is_implicit, is_little_endian = dataset.original_encoding
    if is_implicit is None or is_little_endian is None:
        return EXPLICIT_LE
    if is_implicit:
        return IMPLICIT_LE
    return EXPLICIT_LE if is_little_endian else EXPLICIT_BE
