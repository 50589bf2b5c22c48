"""Rows as one HTML page that needs nothing else: both headers side by side, differences marked."""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.deid.report import Row

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CHANGES: Final = ("removed", "emptied", "changed", "added", "kept")
_HEADINGS: Final = ("Path", "Attribute", "VR", "Before", "After", "Action", "Rule", "Reason")
_STYLE: Final = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem; color: #1b1f24; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem; border-bottom: 1px solid #d8dee4; }
th { position: sticky; top: 0; background: #f6f8fa; }
td { overflow-wrap: anywhere; }
td:nth-child(1), td:nth-child(3), td:nth-child(6) { font-family: ui-monospace, monospace; white-space: nowrap; }
i { color: #59636e; }
del, ins { text-decoration: none; padding: 0 .15rem; }
del { background: #ffdcd7; }
ins { background: #d2f4d3; }
.kept td { color: #59636e; }
#less:checked ~ table .kept { display: none; }
"""


def page(rows: Sequence[Row], title: str) -> str:
    """The page. It holds patients' values, so keep it as safe as the instance; ``title`` goes in as it is."""
    counts = Counter(row.change for row in rows)
    told = ", ".join(f"{counts[change]} {change}" for change in _CHANGES if counts[change])
    head = "".join(f'<th scope="col">{heading}</th>' for heading in _HEADINGS)
    body = "\n".join(map(_line, rows))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{_shown(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{_shown(title)}</h1>
<p>{told or "nothing"}. This page holds the values of a patient.</p>
<input type="checkbox" id="less"> <label for="less">Differences only</label>
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table>
</body>
</html>
"""


def _line(row: Row) -> str:
    before, after = _value(row.before, "absent"), _value(row.after, row.change)
    if row.change != "kept":
        before = before if row.before is None else f"<del>{before}</del>"
        after = after if row.after is None else f"<ins>{after}</ins>"
    first, last = (row.path, row.keyword, row.vr), (row.action, row.rule, row.reason)
    cells = (*map(_shown, first), before, after, *map(_shown, last))
    return f'<tr class="{row.change}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _value(value: str | None, missing: str) -> str:
    if value is None:
        return f"<i>{missing}</i>"
    return _shown(value) if value else "<i>empty</i>"


def _shown(text: str) -> str:
    """Escaped for HTML, control characters told by number."""
    return escape(_CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text))
