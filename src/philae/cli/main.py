"""The command ``philae``: every group of commands under one name, every failure as one line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli import config, deid, demo, echo, preview, profile, send, serve, status
from philae.cli.console import complain, say
from philae.cli.failure import FAILED, INTERRUPTED, MISUSED, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPS: Final = (serve, config, status, demo, deid, preview, profile, echo, send)
"""In the order of ``philae --help``; each has ``register(app)`` and imports what is heavy inside its commands."""

app: Final = typer.Typer(
    name="philae",
    help="The DICOM gateway that sends images out without sending patients out.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they would print local variables: patients' values
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 when something failed, 2 for wrong usage."""
    try:
        code = app(args=arguments, prog_name="philae", standalone_mode=False)
    except typer.TyperException as error:
        return _complained(f"{error.format_message()}{_hint(error)}", error.exit_code)
    except Failure as error:
        return _complained(str(error), error.exit_code)
    except BrokenPipeError:
        sys.stdout = None
        return FAILED
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _complained(f"{name}{error.strerror or error}", FAILED)
    if code == INTERRUPTED:
        complain("philae: interrupted")
    return code if isinstance(code, int) else 0


@app.callback()
def options(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Receive, de-identify and deliver DICOM instances."""
    if version:
        from importlib.metadata import version as version_of

        say(f"philae {version_of('philae')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        complain(context.get_help())
        raise typer.Exit(MISUSED)


for group in GROUPS:
    group.register(app)


def _hint(error: typer.TyperException) -> str:
    context: typer.Context | None = getattr(error, "ctx", None)
    return f" (see `{context.command_path} --help`)" if context is not None else ""


def _complained(message: str, exit_code: int) -> int:
    complain(f"philae: {message}")
    return exit_code
