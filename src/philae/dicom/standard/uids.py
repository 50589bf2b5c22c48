"""UIDs that the standard registers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final

from philae.dicom.standard.pydicom_tables import pydicom_table
from philae.dicom.standard.source import table

_UIDS: Final[Mapping[str, tuple[str, ...]]] = pydicom_table("_uid_dict", "UID_dictionary")
# Every UID of PS3.6 Annex A has this shape. Longer numbers under the same root come from implementations that append
# a date or a counter to a SOP class UID: those identify an instance and are not well-known.
_REGISTERED_SHAPE: Final = re.compile(r"1\.2\.840\.10008(\.\d{1,4}){1,9}", re.ASCII)


def is_well_known(uid: str) -> bool:
    """Whether ``uid`` is registered by the standard: in PS3.6 Annex A, or of the shape its newer entries will have."""
    return uid in _UIDS or _REGISTERED_SHAPE.fullmatch(uid) is not None


def uid_name(uid: str) -> str | None:
    """The name PS3.6 Annex A gives to ``uid``."""
    if (entry := _UIDS.get(uid)) is not None:
        return entry[0]
    return storage_sop_classes().get(uid)


def uid_keyword(uid: str) -> str:
    """The name of ``uid`` as one word, as pydicom spells it; empty where it has none."""
    entry = _UIDS.get(uid)
    return entry[4] if entry is not None else ""


def is_storage_sop_class(uid: str) -> bool:
    """Whether instances of SOP class ``uid`` are sent by C-STORE; retired classes too, private ones never."""
    return uid in storage_sop_classes()


@cache
def storage_sop_classes() -> dict[str, str]:
    """Name of every storage SOP class by UID."""
    names: dict[str, str] = table("uids")["storage_sop_classes"]
    return names


def find_sop_class(text: str) -> str:
    """The UID of a storage SOP class by UID, name or the beginning of one, such as ``CT`` or ``EnhancedMRImageStorage``.

    Raises ``ValueError`` whose message names what comes near.
    """
    wanted = _letters(text)
    uids = {_letters(name): uid for uid, name in storage_sop_classes().items()}
    for candidate in (wanted, f"{wanted}storage", f"{wanted}imagestorage"):
        if candidate in uids:
            return uids[candidate]
    if text in storage_sop_classes():
        return text
    near = [storage_sop_classes()[uids[name]] for name in uids if name.startswith(wanted)]
    near = near or [storage_sop_classes()[uids[name]] for name in get_close_matches(wanted, uids)]
    raise ValueError(f"no storage SOP class; did you mean {', '.join(near[:5])}?" if near else "no storage SOP class")


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
