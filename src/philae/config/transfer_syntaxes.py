"""Transfer syntaxes by the names that people write."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from philae.dicom.standard.uids import uid_keyword, uid_name

KEEP: Final = "keep"


def transfer_syntax_uid(text: str) -> str:
    """The UID of a transfer syntax that images can be written in, by UID, name or keyword; ``keep`` stays.

    Raises ``ValueError`` whose message names what comes near.
    """
    from philae.deid.pixels.codecs import TARGETS  # noqa: PLC0415 - only who wants another one pays for the codecs

    if text == KEEP or text in TARGETS:
        return text
    known = {_letters(name): uid for uid in sorted(TARGETS) for name in (uid_keyword(uid), uid_name(uid) or "")}
    found = known.get(_letters(text))
    if found is not None:
        return found
    near = dict.fromkeys(uid_keyword(known[name]) for name in get_close_matches(_letters(text), known, 5, 0.5))
    words = f"; did you mean {', '.join(near)}?" if near else ""
    raise ValueError(f"no transfer syntax that images can be written in{words}; {KEEP} leaves the one they came in")


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
