"""The options that say how instances are de-identified, shared by ``deid`` and ``preview``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from philae.cli.failure import Misuse

if TYPE_CHECKING:
    from philae.deid.engine import CompiledProfile
    from philae.deid.files.deidentify import Ask
    from philae.deid.files.pseudonym_choice import PseudonymChoice
    from philae.deid.files.source_keys import SourceKeys
    from philae.deid.keys import Keys
    from philae.deid.profile import Profile

_SECRET: Final = "PHILAE_SECRET"  # noqa: S105 - the name of a variable
_SECRET_FILE: Final = "PHILAE_SECRET_FILE"  # noqa: S105


class Compat(StrEnum):
    """Whose behaviour to reproduce."""

    KARNAK = "karnak"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """The options; `takes` gives them to a command."""

    profile: Annotated[Path, typer.Option("--profile", metavar="FILE", help="De-identification profile (YAML).")]
    secret: Annotated[
        str | None,
        typer.Option(
            "--secret",
            metavar="HEX",
            help=f"Project secret, 32 hex digits. Without it: --secret-file, then ${_SECRET}, then ${_SECRET_FILE}.",
        ),
    ] = field(default=None, repr=False)
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", metavar="FILE", help="File that holds the project secret.")
    ] = None
    pseudonym: Annotated[
        str | None, typer.Option("--pseudonym", metavar="TEXT", help="Pseudonym of all instances (one patient).")
    ] = None
    pseudonym_tag: Annotated[
        str | None,
        typer.Option(
            "--pseudonym-tag",
            metavar="TAG",
            help="Attribute that holds the pseudonym, such as (0010,0020) or PatientID. "
            "Default: derived from Patient ID, its issuer and the secret.",
        ),
    ] = None
    project_name: Annotated[
        str, typer.Option("--project-name", metavar="N", help="Project name, written to (0012,0010).")
    ] = "philae"
    compat: Annotated[
        Compat | None,
        typer.Option(
            "--compat",
            help="Reproduce Karnak 1.2 bit for bit, its quirks included; the options below are some of them.",
        ),
    ] = None
    hash_encoding: Annotated[
        Literal["utf-8", "us-ascii"],
        typer.Option("--hash-encoding", help="us-ascii hashes as Karnak up to 1.1.1; --compat leaves it alone."),
    ] = "utf-8"
    sequence_inheritance: Annotated[
        Literal["resolved", "karnak"],
        typer.Option("--sequence-inheritance", help="karnak hands the action of a sequence down to all its content."),
    ] = "resolved"
    server_timezone: Annotated[
        str | None,
        typer.Option(
            "--server-timezone",
            metavar="ZONE",
            help="Tell date times that have an offset in this zone, such as Europe/Zurich, without offset.",
        ),
    ] = None
    time_shift: Annotated[
        Literal["paired", "independent"],
        typer.Option("--time-shift", help="independent wraps times around midnight without moving their dates."),
    ] = "paired"


@dataclass(frozen=True, slots=True)
class Engine:
    """A compiled profile, where pseudonyms come from, and what tells sources under this set-up from others."""

    compiled: CompiledProfile
    pseudonyms: PseudonymChoice
    key_of: SourceKeys
    ask: Ask | None
    """Fetches what the profile asks of web services; None if it asks nothing."""


def build_engine(options: EngineOptions) -> Engine:
    """The engine that the options ask for. Raises `Misuse`."""
    from philae.deid.engine import compile_profile
    from philae.deid.errors import DeidError
    from philae.deid.files.source_keys import SourceKeys
    from philae.deid.keys import parse_secret
    from philae.deid.profile import Project

    if options.pseudonym is not None and options.pseudonym_tag is not None:
        raise Misuse("--pseudonym and --pseudonym-tag exclude each other")
    text = read_text(options.profile, "profile")
    try:
        secret = parse_secret(_secret_text(options.secret, options.secret_file))
        project = Project(
            options.project_name,
            secret,
            options.hash_encoding,
            options.compat is Compat.KARNAK,
            options.sequence_inheritance,
            options.server_timezone,
            options.time_shift,
        )
        compiled = compile_profile(load(text, options.profile), project)
    except DeidError as error:
        raise Misuse(str(error)) from error
    keys = compiled.keys
    set_up = (text, repr(project), repr(options.pseudonym), repr(options.pseudonym_tag))
    pseudonyms = _pseudonyms(keys, options.pseudonym, options.pseudonym_tag)
    return Engine(compiled, pseudonyms, SourceKeys(keys, set_up), _ask(compiled))


def _ask(compiled: CompiledProfile) -> Ask | None:
    """With the defaults of a configuration: any host but this machine, no authentication."""
    if not compiled.asks_web_services:
        return None
    from functools import partial

    from philae.config.web_services import WebServiceSettings
    from philae.pseudonyms.web_services import ask

    return partial(ask, WebServiceSettings())


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


def _pseudonyms(keys: Keys, pseudonym: str | None, tag: str | None) -> PseudonymChoice:
    from philae.deid.files.pseudonym_choice import FromPatient, Given, InAttribute
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
