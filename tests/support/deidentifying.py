"""Files, profiles and runs for tests of de-identification over files."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from philae.deid.engine import compile_profile
from philae.deid.files.deidentify import Job, Outcome, deidentify_tree
from philae.deid.files.folder_walk import Found, files_below
from philae.deid.files.output_folder import OutputFolder
from philae.deid.files.pseudonym_choice import Given
from philae.deid.files.workers import Workers
from philae.deid.profile import Project
from philae.deid.profile_file import load_profile

SECRET = "0123456789abcdef0123456789abcdef"
PROFILE = """
name: basic
profileElements:
  - {name: Private, codename: action.on.privatetags, action: X}
  - {name: Basic Profile, codename: basic.dicom.profile}
"""
OTHER_PROFILE = """
name: other
profileElements:
  - {name: Dates, codename: action.on.specific.tags, action: X, tags: ["(0008,0020)"]}
  - {name: Basic Profile, codename: basic.dicom.profile}
"""
NOW = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)


def make_job(profile: str = PROFILE, now: datetime = NOW) -> Job:
    project = Project("test", bytes.fromhex(SECRET))
    return Job(compile_profile(load_profile(profile), project), Given("P-1"), now)


def key_of(found: Found) -> bytes:
    return hashlib.sha256(f"{found.path} {found.size} {found.modified_ns}".encode()).digest()[:16]


def run(source: Path, destination: Path, *, job: Job | None = None, processes: int = 1) -> list[Outcome]:
    job = job or make_job()
    with Workers(job, processes) as workers, OutputFolder(destination, key_of) as folder:
        return list(deidentify_tree(files_below(source), folder, workers))


def outputs(folder: Path) -> dict[str, bytes]:
    """Every output by its path, the journal left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".philae" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
