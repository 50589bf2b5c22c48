"""UIDs that the standard registers."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pydicom._uid_dict import UID_dictionary

from philae.dicom.standard.source import table

# Every UID of PS3.6 Annex A has this shape. Longer numbers under the same root come from implementations that append
# a date or a counter to a SOP class UID: those identify an instance and are not well-known.
_REGISTERED_SHAPE: Final = re.compile(r"1\.2\.840\.10008(\.\d{1,4}){1,9}", re.ASCII)


def is_well_known(uid: str) -> bool:
    """Whether ``uid`` is registered by the standard: in PS3.6 Annex A, or of the shape its newer entries will have."""
    return uid in UID_dictionary or _REGISTERED_SHAPE.fullmatch(uid) is not None


def uid_name(uid: str) -> str | None:
    """The name PS3.6 Annex A gives to ``uid``."""
    if (entry := UID_dictionary.get(uid)) is not None:
        return entry[0]
    return storage_sop_classes().get(uid)


def is_storage_sop_class(uid: str) -> bool:
    """Whether instances of SOP class ``uid`` are sent by C-STORE; retired classes too, private ones never."""
    return uid in storage_sop_classes()


@cache
def storage_sop_classes() -> dict[str, str]:
    """Name of every storage SOP class by UID."""
    names: dict[str, str] = table("uids")["storage_sop_classes"]
    return names
