from __future__ import annotations

import csv
import json
from io import StringIO

import pytest

from philae.cli.row_output import RowFormat, write_rows

ROWS: list[dict[str, object]] = [
    {"path": "(0008,0060)", "value": "CT", "count": 2},
    {"path": "(0008,1030)", "value": "\x1b[2J", "count": None},
]


def written(format_: RowFormat) -> str:
    stream = StringIO()
    write_rows(ROWS, ("path", "value", "count"), format_, stream)
    return stream.getvalue()


def test_columns_of_a_table_line_up_and_steer_no_terminal() -> None:
    assert written(RowFormat.TABLE).splitlines() == [
        "path         value    count",
        "(0008,0060)  CT       2",
        "(0008,1030)  \\x1b[2J",
    ]


def test_json_gives_the_rows_back() -> None:
    assert json.loads(written(RowFormat.JSON)) == ROWS


@pytest.mark.parametrize(
    "text, shown",
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("-450.5", "-450.5"),
        ("-1+1", "'-1+1"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("plain", "plain"),
        ("+1e5", "+1e5"),
    ],
)
def test_no_cell_of_a_csv_file_is_a_formula(text: str, shown: str) -> None:
    stream = StringIO()

    write_rows([{"value": text}], ("value",), RowFormat.CSV, stream)

    assert list(csv.reader(StringIO(stream.getvalue()))) == [["value"], [shown]]
