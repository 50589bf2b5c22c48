"""The pseudonyms of a run over files: one for all, read from an attribute, or derived."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from philae.deid.engine import patient_of
from philae.deid.errors import MissingPseudonym
from philae.deid.keys import Keys, derived_pseudonym
from philae.dicom.scan import Encoded, elements, inflate
from philae.dicom.tags import format_tag
from philae.dicom.values import ASCII, codecs_of, first_value

_CHARACTER_SET: Final = 0x00080005


class PseudonymChoice(Protocol):
    """Where the pseudonym of an instance comes from."""

    def pseudonym(self, encoded: Encoded, /) -> str:
        """The pseudonym. Raises `DeidError`, `MalformedDataset`."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """The same pseudonym for every instance."""

    text: str

    def pseudonym(self, _encoded: Encoded) -> str:
        """The text."""
        return self.text


@dataclass(frozen=True, slots=True)
class InAttribute:
    """The first value of a top-level attribute."""

    tag: int

    def pseudonym(self, encoded: Encoded) -> str:
        """Raises `MissingPseudonym` when the attribute is absent or empty, `MalformedDataset`."""
        encoded = inflate(encoded)
        codecs = ASCII
        for header in elements(encoded, nested=False):
            if header.tag > self.tag:
                break
            if header.length is None or header.tag not in (_CHARACTER_SET, self.tag):
                continue
            raw = bytes(encoded.source[header.value : header.end])
            if header.tag == self.tag:
                text = first_value(raw, header.vr, codecs, big_endian=encoded.syntax.big_endian)
                if text.strip():
                    return text
            else:
                codecs = codecs_of(raw.decode("latin-1"))
        raise MissingPseudonym(f"attribute {format_tag(self.tag)} holds no pseudonym")


@dataclass(frozen=True, slots=True)
class FromPatient:
    """Derived from Patient ID, its issuer and the project's secret; the same as the gateway derives."""

    keys: Keys = field(repr=False)

    def pseudonym(self, encoded: Encoded) -> str:
        """Such as ``P-7QX4-M2KD-9T3C``. Raises `DeidError`."""
        subject = patient_of(encoded)
        return derived_pseudonym(self.keys, subject.patient_id, subject.issuer)
