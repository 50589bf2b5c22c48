"""The report of a run over files: one row a source file."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Final

from philae.admin.csv_cells import cell

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from philae.deid.files.deidentify import Outcome

COLUMNS: Final = (
    "path",
    "result",
    "reason",
    "sop_class_uid",
    "sop_instance_uid",
    "study_instance_uid",
    "series_instance_uid",
    "pixels",
)


class ReportFile:
    """JSON lines, or CSV if the name ends with ``.csv``; a context manager. Replaces a file of that name."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError`."""
        self._file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        self._csv = csv.writer(self._file) if path.suffix.lower() == ".csv" else None
        if self._csv is not None:
            self._csv.writerow(COLUMNS)

    def write(self, outcome: Outcome) -> None:
        """Append the row of one source file."""
        values = (str(outcome.source), outcome.result.value, *(getattr(outcome, name) for name in COLUMNS[2:]))
        if self._csv is not None:
            self._csv.writerow(map(cell, values))
        else:
            self._file.write(json.dumps(dict(zip(COLUMNS, values, strict=True))) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
