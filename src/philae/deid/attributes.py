"""The attributes that every de-identified instance gets: who it is now, and how that came about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from philae.deid.entries import DEFAULT_ATTRIBUTES
from philae.deid.errors import DeidError
from philae.deid.methods import BASIC_PROFILE, MODIFIED_DATES, OPTIONS, MethodCode
from philae.dicom.headers import read_header
from philae.dicom.splice import Cause
from philae.dicom.standard.confidentiality import Option
from philae.dicom.values import Codecs, encode_text, padded

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from philae.dicom.layout import Layout

_METHODS: Final = (0x00120064, "SQ")  # De-identification Method Code Sequence
_ATTRIBUTES: Final = (
    (0x00080012, "DA"),  # Instance Creation Date
    (0x00080013, "TM"),  # Instance Creation Time
    (0x00100010, "PN"),  # Patient's Name
    (0x00100020, "LO"),  # Patient ID
    (0x00120010, "LO"),  # Clinical Trial Sponsor Name: the project
    (0x00120020, "LO"),  # Clinical Trial Protocol ID: the profile
    (0x00120021, "LO"),  # Clinical Trial Protocol Name
    (0x00120030, "LO"),  # Clinical Trial Site ID
    (0x00120031, "LO"),  # Clinical Trial Site Name
    (0x00120040, "LO"),  # Clinical Trial Subject ID: the pseudonym
    (0x00120062, "CS"),  # Patient Identity Removed
    _METHODS,
)
ATTRIBUTES: Final = tuple(Cause(tag, vr, (), "D", DEFAULT_ATTRIBUTES) for tag, vr in _ATTRIBUTES)
_TEMPORAL: Final = (0x00280303, "CS")  # Longitudinal Temporal Information Modified
METHODS: Final = Cause(*_METHODS, (), "D", DEFAULT_ATTRIBUTES)
"""The one of `ATTRIBUTES` that tells what was done."""
TEMPORAL_ATTRIBUTE: Final = Cause(*_TEMPORAL, (), "D", DEFAULT_ATTRIBUTES)
"""Behind `ATTRIBUTES` where the Basic Profile is applied (PS3.15 E.2, E.3.6)."""
DROPPED: Final = frozenset({0x00120042, 0x00120063, 0x00120081, 0x00120082})
"""Clinical Trial Subject Reading ID, De-identification Method, Ethics Committee Name and Approval Number."""

CREATION_DATE: Final = 0
CREATION_TIME: Final = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What the default attributes say about one patient in one project."""

    pseudonym: str
    patient_id: str
    project: str
    profile: str
    methods: tuple[MethodCode, ...]
    temporal_information: str | None = None
    """Longitudinal Temporal Information Modified, None to leave it out."""


def temporal_information(methods: Collection[MethodCode]) -> str | None:
    """What the methods mean for dates and times; None unless the Basic Profile is among them, which asks for it.

    REMOVED where none of the two options about dates is applied (PS3.15 E.2), else UNMODIFIED or MODIFIED (E.3.6): these
    are the Enumerated Values of PS3.3 Table C.12-1.
    """
    if BASIC_PROFILE not in methods:
        return None
    if MODIFIED_DATES in methods:
        return "MODIFIED"
    return "UNMODIFIED" if OPTIONS[Option.RETAIN_LONGITUDINAL_FULL_DATES] in methods else "REMOVED"


def encode_attributes(identity: Identity, codecs: Codecs, layout: Layout, *, lenient: bool) -> tuple[bytes, ...]:
    """The elements of `ATTRIBUTES`, perhaps `TEMPORAL_ATTRIBUTE`; date and time are left empty for `creation`.

    Raises `DeidError` if the character set cannot express the pseudonym, unless ``lenient``: two pseudonyms must not
    become one. Project and profile name are for people and get ``?`` in such places.
    """
    pseudonym = encode_text(identity.pseudonym, codecs)
    if pseudonym is None:
        if not lenient:
            raise DeidError(
                "the pseudonym has characters outside the instance's Specific Character Set (0008,0005); "
                "use pseudonyms of plain ASCII letters and digits"
            )
        pseudonym = _lossy(identity.pseudonym, codecs)
    values: tuple[bytes, ...] = (
        b"",
        b"",
        pseudonym,
        identity.patient_id.encode("ascii"),
        _lossy(identity.project, codecs),
        _lossy(identity.profile, codecs),
        b"",
        b"",
        b"",
        pseudonym,
        b"YES",
        _method_items(identity.methods, layout),
    )
    elements = [_element(layout, tag, vr, value) for (tag, vr), value in zip(_ATTRIBUTES, values, strict=True)]
    if identity.temporal_information is not None:
        elements.append(_element(layout, *_TEMPORAL, identity.temporal_information.encode("ascii")))
    return tuple(elements)


def with_methods(sequence: bytes, methods: Sequence[MethodCode], layout: Layout) -> bytes:
    """De-identification Method Code Sequence as encoded, with ``methods`` added."""
    _, _, value, _ = read_header(sequence, 0, len(sequence), layout)
    return _element(layout, *_METHODS, sequence[value:] + _method_items(methods, layout))


def creation(now: datetime, layout: Layout) -> tuple[bytes, bytes]:
    """Instance Creation Date and Time, told in Central European time."""
    local = central_european(now)
    return (
        _element(layout, *_ATTRIBUTES[CREATION_DATE], local.strftime("%Y%m%d").encode("ascii")),
        _element(layout, *_ATTRIBUTES[CREATION_TIME], local.strftime("%H%M%S.%f").encode("ascii")),
    )


def central_european(now: datetime) -> datetime:
    """The moment in zone CET: UTC+1, and UTC+2 from the last Sunday of March to that of October, 01:00 UTC."""
    utc = now.astimezone(UTC)
    begin, end = _summer(utc.year)
    return utc.astimezone(timezone(timedelta(hours=2 if begin <= utc < end else 1)))


@lru_cache(maxsize=16)
def _summer(year: int) -> tuple[datetime, datetime]:
    march, october = datetime(year, 3, 31, 1, tzinfo=UTC), datetime(year, 10, 31, 1, tzinfo=UTC)
    return march - timedelta(days=march.isoweekday() % 7), october - timedelta(days=october.isoweekday() % 7)


def _lossy(text: str, codecs: Codecs) -> bytes:
    """The text with ``?`` for what the character set cannot express."""
    whole = encode_text(text, codecs)
    if whole is not None:
        return whole
    return b"".join(encode_text(character, codecs) or b"?" for character in text)


def _method_items(methods: Sequence[MethodCode], layout: Layout) -> bytes:
    items = []
    for method in methods:
        content = b"".join(
            _element(layout, tag, vr, text.encode("ascii"))
            for tag, vr, text in (
                (0x00080100, "SH", method.value),
                (0x00080102, "SH", "DCM"),
                (0x00080104, "LO", method.meaning),
            )
        )
        items.append(layout.header(0xFFFEE000, "", len(content)) + content)
    return b"".join(items)


def _element(layout: Layout, tag: int, vr: str, raw: bytes) -> bytes:
    value = padded(raw, vr)
    return layout.header(tag, vr, len(value)) + value
