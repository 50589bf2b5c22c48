"""Takes out of a text what may name a patient or give a secret away."""

from __future__ import annotations

import re
from typing import Final

from philae.dicom.standard.uids import is_well_known

UID: Final = "[UID]"
SECRET: Final = "[secret]"  # noqa: S105 - what stands in its place
_UID: Final = re.compile(r"(?<![\w.])[0-2](?:\.\d+){4,}(?!\w|\.\d)")
"""Five parts or more: addresses and versions have fewer."""
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_TOKEN: Final = re.compile(r"\b(Bearer|Basic) +[\w.~+/=-]+", re.IGNORECASE)
_QUERY: Final = re.compile(r"(?<=\?)[^\s\"']*=[^\s\"']*")


def without_uids(text: str) -> str:
    """``text`` without UIDs, but for those that the standard gives to classes and syntaxes."""
    return _UID.sub(_unless_well_known, text) if "." in text else text


def redacted(text: str) -> str:
    """``text`` without such UIDs, credentials, tokens and the queries of URLs."""
    if "://" in text or "?" in text:
        text = _QUERY.sub("...", _CREDENTIALS.sub(SECRET, text))
    return _TOKEN.sub(rf"\1 {SECRET}", without_uids(text))


def _unless_well_known(uid: re.Match[str]) -> str:
    return uid[0] if is_well_known(uid[0]) else UID
