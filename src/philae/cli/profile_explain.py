"""``philae profile coverage`` and ``diff``: what profiles do, without or over instances."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.console import complain_of, say
from philae.cli.engine_options import Compat, load, read_text
from philae.cli.failure import FAILED, Failure, Misuse
from philae.cli.row_output import RowFormat, write_rows

if TYPE_CHECKING:
    from philae.deid.comparison import Difference
    from philae.deid.engine import CompiledProfile

ANY_SECRET: Final = bytes(16)
"""Profiles are explained for no project in particular."""
_PSEUDONYM: Final = "P-0001"
_SopClass = Annotated[
    str | None, typer.Option("--sop-class", metavar="CLASS", help="CT, CTImageStorage, Comprehensive SR or a UID.")
]
_Depth = Annotated[int, typer.Option("--depth", metavar="N", min=0, max=16, help="How deep in sequences.")]
_Format = Annotated[RowFormat, typer.Option("--format", help="How the rows are printed.")]
_Compat = Annotated[Compat | None, typer.Option("--compat", help="As Karnak 1.2 would understand the profile.")]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("coverage")(coverage)
    group.command("diff")(diff)


def coverage(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A profile (YAML).")],
    *,
    sop_class: _SopClass = None,
    depth: _Depth = 16,
    format_: _Format = RowFormat.TABLE,
    compat: _Compat = None,
) -> None:
    """Tell what a profile does to every attribute of an IOD and, at the end, to those of which no IOD speaks.

    The action ? depends on the instance; the reason tells how.
    """
    from philae.deid.coverage import Covered, coverage

    found = coverage(_compiled(file, compat), _sop_class_uid(sop_class), depth)
    write_rows([each._asdict() for each in found], Covered._fields, format_, sys.stdout)


def diff(
    first: Annotated[Path, typer.Argument(metavar="A", help="A profile (YAML).")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Samples: DICOM files in a folder of any depth.")
    ] = None,
    *,
    sop_class: _SopClass = None,
    depth: _Depth = 16,
    format_: _Format = RowFormat.TABLE,
    compat: _Compat = None,
) -> None:
    """Tell where two profiles differ: over sample files, or over the attributes of an IOD.

    It tells attributes, actions and rules, never a value. Exit code 1: they differ.
    """
    from philae.deid.comparison import Difference, differences_in_iod

    if (folder is None) == (sop_class is None):
        raise Misuse("name a folder of samples or a --sop-class to compare over")
    one, other = _compiled(first, compat), _compiled(second, compat)
    names: tuple[str, ...] = Difference._fields
    if folder is not None:
        found = _differences_below(folder, one, other)
        names += ("instances",)
    else:
        found = [each._asdict() for each in differences_in_iod(one, other, _sop_class_uid(sop_class), depth)]
    if found or format_ is not RowFormat.TABLE:
        write_rows(found, names, format_, sys.stdout)
    else:
        say("the profiles do the same")
    if found:
        raise typer.Exit(FAILED)


def _differences_below(folder: Path, one: CompiledProfile, other: CompiledProfile) -> list[dict[str, object]]:
    """Differences with the number of instances that have them, the most frequent first."""
    from philae.deid.files.folder_walk import files_below

    if not folder.is_dir():
        raise Misuse(f"{folder} is no folder; name a folder of DICOM files")
    counts: Counter[Difference] = Counter()
    unread: list[str] = []
    for found in files_below(folder.resolve(), ()):
        try:
            counts.update(_differences_in(found.path, one, other))
        except Failure as error:
            unread.append(str(error))
    complain_of(unread)
    if unread and not counts:
        raise Failure(f"no file in {folder} could be compared")
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{**difference._asdict(), "instances": count} for difference, count in ordered]


def _differences_in(file: Path, one: CompiledProfile, other: CompiledProfile) -> set[Difference]:
    from datetime import UTC, datetime

    from philae.deid.comparison import differences_in_instance
    from philae.deid.errors import DeidError
    from philae.deid.files.instance_file import DirectoryFile, InstanceFile
    from philae.dicom.part10 import NotDicom
    from philae.dicom.scan import MalformedDataset, inflate

    try:
        with InstanceFile(file) as instance:
            encoded = inflate(instance.encoded)
            return differences_in_instance(one, other, encoded, _PSEUDONYM, datetime.now(UTC))
    except (OSError, NotDicom, DirectoryFile, DeidError, MalformedDataset) as error:
        raise Failure(f"not compared: {file}: {error}") from error


def _compiled(file: Path, compat: Compat | None) -> CompiledProfile:
    from philae.deid.engine import compile_profile
    from philae.deid.errors import DeidError
    from philae.deid.profile import Project

    project = Project("profile", ANY_SECRET, compat_karnak=compat is Compat.KARNAK)
    try:
        return compile_profile(load(read_text(file, "profile"), file), project)
    except DeidError as error:
        raise Misuse(f"{file}: {error}") from error


def _sop_class_uid(text: str | None) -> str:
    from philae.dicom.standard.uids import find_sop_class

    if text is None:
        raise Misuse("name a --sop-class, such as CT")
    try:
        return find_sop_class(text)
    except ValueError as error:
        raise Misuse(f"--sop-class {text}: {error}") from error
