"""The options that say how instances are de-identified, shared by ``deid`` and ``preview``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.failure import Misuse

if TYPE_CHECKING:
    from philae.admin.folder_walk import Found
    from philae.deid.engine import CompiledProfile
    from philae.deid.keys import Keys
    from philae.deid.profile import Profile
    from philae.pipeline.ports import PseudonymSource

_SECRET: Final = "PHILAE_SECRET"  # noqa: S105 - the name of a variable
_SECRET_FILE: Final = "PHILAE_SECRET_FILE"  # noqa: S105

ProfileOption = Annotated[Path, typer.Option("--profile", metavar="FILE", help="De-identification profile (YAML).")]
SecretOption = Annotated[
    str | None,
    typer.Option(
        "--secret",
        metavar="HEX",
        help=f"Project secret, 32 hex digits. Without it: --secret-file, then ${_SECRET}, then ${_SECRET_FILE}.",
    ),
]
SecretFileOption = Annotated[
    Path | None, typer.Option("--secret-file", metavar="FILE", help="File that holds the project secret.")
]
PseudonymOption = Annotated[
    str | None, typer.Option("--pseudonym", metavar="TEXT", help="Pseudonym of all instances (one patient).")
]
PseudonymTagOption = Annotated[
    str | None,
    typer.Option(
        "--pseudonym-tag",
        metavar="TAG",
        help="Attribute that holds the pseudonym, such as (0010,0020) or PatientID. "
        "Default: derived from Patient ID, its issuer and the secret.",
    ),
]
ProjectNameOption = Annotated[
    str, typer.Option("--project-name", metavar="N", help="Project name, written to (0012,0010).")
]


@dataclass(frozen=True, slots=True)
class Engine:
    """A compiled profile, where pseudonyms come from, and what tells this set-up from others."""

    compiled: CompiledProfile
    pseudonyms: PseudonymSource
    keys: Keys = field(repr=False)
    written: bytes = field(repr=False)
    """The profile and the options, as they were given."""

    def key_of(self, found: Found) -> bytes:
        """What tells this source under this set-up from all others; without the secret it tells nothing."""
        place = f"{found.path}\0{found.size}\0{found.modified_ns}".encode("utf-8", "surrogateescape")
        return self.keys.digest(self.keys.digest(self.written) + place)[:16]


def build_engine(
    profile_file: Path,
    secret: str | None,
    secret_file: Path | None,
    pseudonym: str | None,
    pseudonym_tag: str | None,
    project_name: str,
) -> Engine:
    """The engine that the options ask for. Raises `Misuse`."""
    from philae.deid.engine import compile_profile
    from philae.deid.errors import DeidError
    from philae.deid.keys import Keys, parse_secret
    from philae.deid.profile import Project

    if pseudonym is not None and pseudonym_tag is not None:
        raise Misuse("--pseudonym and --pseudonym-tag exclude each other")
    text = read_text(profile_file, "profile")
    try:
        project = Project(project_name, parse_secret(_secret_text(secret, secret_file)))
        compiled = compile_profile(load(text, profile_file), project)
    except DeidError as error:
        raise Misuse(str(error)) from error
    keys = Keys(project.secret)
    written = "\0".join((text, project_name, repr(pseudonym), repr(pseudonym_tag)))
    return Engine(compiled, _pseudonyms(keys, pseudonym, pseudonym_tag), keys, written.encode())


def load(text: str, file: Path) -> Profile:
    """The profile written in ``text``. Raises `Misuse` that tells its first fault."""
    from philae.deid.errors import ProfileFaults
    from philae.deid.profile_file import load_profile

    try:
        return load_profile(text)
    except ProfileFaults as error:
        more = f" ({len(error.faults)} faults; `philae profile check {file}` lists them)"
        raise Misuse(f"{file}: {error.faults[0]}{more if len(error.faults) > 1 else ''}") from error


def read_text(file: Path, what: str) -> str:
    """What a file of plain text says. Raises `Misuse`."""
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Misuse(f"{what} {file} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise Misuse(f"{what} {file} cannot be read: {error.strerror}") from error


def _secret_text(secret: str | None, secret_file: Path | None) -> str:
    if secret is not None and secret_file is not None:
        raise Misuse("--secret and --secret-file exclude each other")
    if secret is not None:
        return secret.strip()
    if secret_file is None and _SECRET in os.environ:
        return os.environ[_SECRET].strip()
    if secret_file is None and _SECRET_FILE in os.environ:
        secret_file = Path(os.environ[_SECRET_FILE])
    if secret_file is None:
        raise Misuse(f"no project secret; set {_SECRET} or give --secret-file (`openssl rand -hex 16` makes a secret)")
    return read_text(secret_file, "secret file").strip()


def _pseudonyms(keys: Keys, pseudonym: str | None, tag: str | None) -> PseudonymSource:
    from philae.admin.pseudonym_choice import FromPatient, Given, InAttribute
    from philae.dicom.tags import parse_tag_pattern

    if pseudonym is not None:
        if not pseudonym.strip():
            raise Misuse("--pseudonym is blank")
        return Given(pseudonym)
    if tag is None:
        return FromPatient(keys)
    try:
        pattern = parse_tag_pattern(tag)
    except ValueError as error:
        raise Misuse(f"--pseudonym-tag {tag}: {error}") from error
    if not pattern.is_exact:
        raise Misuse(f"--pseudonym-tag {tag} stands for several tags; name one, such as (0010,0020)")
    return InAttribute(pattern.value)
