"""A first look at a CSV file of pseudonyms: how it seems to be written, and what its first rows say."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Final

from philae.admin.csv_rows import RowFaults, rows_of, text_of
from philae.admin.declined import Declined
from philae.admin.pseudonym_csv import REQUIRED, Layout, columns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ENCODINGS: Final = ("utf-8-sig", "windows-1252", "iso-8859-15", "utf-16")
SEPARATORS: Final = (",", ";", "\t", "|")
PREVIEWED: Final = 15
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file, with the line on which each begins."""

    rows: tuple[tuple[int, tuple[str, ...]], ...] = field(repr=False)

    @property
    def width(self) -> int:
        """Columns of the widest row."""
        return max((len(cells) for _, cells in self.rows), default=0)


def preview(content: bytes, layout: Layout) -> Preview:
    """What ``layout`` makes of a file. Raises `Declined`."""
    try:
        with text_of(BytesIO(content), layout.encoding) as text:
            rows = [(line, tuple(row)) for line, row in islice(rows_of(text, layout.separator), PREVIEWED)]
    except UnicodeError:
        raise Declined(f"the file is not {layout.encoding} text; choose its encoding") from None
    except RowFaults as broken:
        raise Declined(str(broken.faults[0])) from broken
    return Preview(tuple(rows))


def guess(content: bytes) -> Layout:
    """How a file seems to be written; with its columns, by number, as far as they have the usual headers."""
    if b"\0" in content and not content.startswith(_UTF_16):
        raise Declined("this is no CSV file; save the table as CSV first")
    layout = Layout(encoding=_encoding(content))
    layout = max((replace(layout, separator=each) for each in SEPARATORS), key=lambda each: _columns(content, each))
    for line, cells in preview(content, layout).rows:
        found = dict(columns_of(cells, {}))
        if all(name in found for name in REQUIRED):
            return replace(layout, columns={name: place + 1 for name, place in found.items()}, from_line=line + 1)
    return replace(layout, from_line=1)


def _encoding(content: bytes) -> str:
    if content.startswith(_UTF_16):
        return "utf-16"
    try:
        content.decode("utf-8-sig")
    except UnicodeError:
        return "windows-1252"
    return "utf-8-sig"


def _columns(content: bytes, layout: Layout) -> int:
    """Columns of most rows; a separator that is none leaves one."""
    try:
        widths = [len(cells) for _, cells in preview(content, layout).rows]
    except Declined:
        return 0
    return _most_common(widths)


def _most_common(widths: Sequence[int]) -> int:
    return max(set(widths), key=widths.count, default=0)
