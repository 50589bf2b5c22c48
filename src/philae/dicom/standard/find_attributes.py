"""Attributes of PS3.6 by keyword, name or number, and those of a module of PS3.3."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.dicom.standard.dictionary import Attribute, attributes
from philae.dicom.standard.iod import tags_of_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NUMBER: Final = re.compile(r"(?=.*[0-9])[0-9A-FX]{2,8}")
_PUNCTUATION: Final = str.maketrans("", "", "(), ")


class _Entry(NamedTuple):
    attribute: Attribute
    digits: str
    keyword: str
    name: str


def find_attributes(text: str, module: str = "", *, most: int, retired: bool = False) -> tuple[Attribute, ...]:
    """Up to ``most`` that fit: those that begin so come first. Without ``text`` all, or all of ``module``.

    ``text`` is a part of the keyword, words of the name, or the first digits of the tag.
    """
    listed = frozenset(tags_of_module(module)) if module else None
    entries = (
        entry
        for entry in _entries()
        if (retired or not entry.attribute.is_retired) and (listed is None or entry.attribute.tag in listed)
    )
    return tuple(entry.attribute for entry in islice(_matching(entries, text), most))


def _matching(entries: Iterable[_Entry], text: str) -> Iterator[_Entry]:
    digits = text.upper().translate(_PUNCTUATION)
    if _NUMBER.fullmatch(digits):
        return (entry for entry in entries if entry.digits.startswith(digits))
    wanted = text.casefold().strip()
    words = [word for word in wanted.split() if len(word) > 2]
    first, later = [], []
    for entry in entries:
        if entry.keyword.startswith(wanted) or entry.name.startswith(wanted):
            first.append(entry)
        elif wanted in entry.keyword or all(word in entry.name for word in words):
            later.append(entry)
    return chain(first, later)


@cache
def _entries() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(each, each.pattern.translate(_PUNCTUATION), each.keyword.casefold(), each.name.casefold())
        for each in sorted(attributes(), key=lambda each: each.pattern)
    )
