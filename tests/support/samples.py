"""Images that real devices and toolkits wrote, from the packages of pydicom."""

from __future__ import annotations

from pathlib import Path

from pydicom.data import get_testdata_file


def sample(name: str) -> Path:
    """Where an image is; nothing is downloaded."""
    found = get_testdata_file(name, download=False)
    assert isinstance(found, str), name
    return Path(found)
