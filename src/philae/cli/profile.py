"""``philae profile``: work on profiles."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli import profile_explain
from philae.cli.console import complain, print_json, say
from philae.cli.engine_options import load, read_text
from philae.cli.failure import FAILED
from philae.cli.profile_explain import ANY_SECRET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.deid.errors import Fault
    from philae.deid.profile import Profile


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Work on de-identification profiles.", no_args_is_help=False)
    group.command("check")(check)
    profile_explain.register(group)
    group.command("export")(export)
    group.command("schema")(schema)
    group.callback()(_group)
    app.add_typer(group, name="profile")


def _group() -> None:
    """Work on de-identification profiles."""


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A profile (YAML).")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print faults and warnings as JSON.")] = False,
) -> None:
    """Report every fault of a profile at once: where it is, what it is, what would be right.

    Exit code 1 if there is any; warnings do not count.
    """
    profile, faults = _checked(read_text(file, "profile"))
    warnings = profile.warnings if profile is not None else ()
    if as_json:
        print_json(
            {
                "file": str(file),
                "name": profile.name if profile is not None else None,
                "faults": [_document(fault) for fault in faults],
                "warnings": [_document(warning) for warning in warnings],
            }
        )
    else:
        for warning in warnings:
            complain(f"{file}: warning: {warning}")
        for fault in faults:
            complain(f"{file}: {fault}")
        if profile is not None and not faults:
            say(f"{file}: profile {profile.name!r} with {len(profile.elements)} elements can be used")
    if faults:
        raise typer.Exit(FAILED)


def export(file: Annotated[Path, typer.Argument(metavar="FILE", help="A profile (YAML).")]) -> None:
    """Print a profile as Philae understands it: an equivalent file, aliases replaced, empty keys left out."""
    from philae.deid.profile_file import dump_profile

    sys.stdout.write(dump_profile(load(read_text(file, "profile"), file)))


def schema() -> None:
    """Print the JSON Schema of profiles, for editors that complete and check YAML."""
    from philae.deid.profile_schema import profile_schema

    print_json(profile_schema())


def _checked(text: str) -> tuple[Profile | None, Sequence[Fault]]:
    from philae.deid.engine import compile_profile
    from philae.deid.errors import DeidError, Fault, ProfileFaults
    from philae.deid.profile import Project
    from philae.deid.profile_file import load_profile

    try:
        profile = load_profile(text)
    except ProfileFaults as error:
        return None, error.faults
    try:
        compile_profile(profile, Project("check", ANY_SECRET))
    except ProfileFaults as error:
        return profile, error.faults
    except DeidError as error:
        return profile, (Fault("profile", 0, str(error), "change that element, or leave it out"),)
    return profile, ()


def _document(fault: Fault) -> dict[str, object]:
    element, _, key = ("", "", "") if fault.path.endswith('"') else fault.path.rpartition(" ")
    return {
        "element": element or fault.path,
        "key": key if element else "",
        "line": fault.line or None,
        "message": fault.message,
        "remedy": fault.remedy,
    }
