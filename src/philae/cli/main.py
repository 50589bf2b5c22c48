"""The command ``philae``: every group of commands under one name, every failure as one line."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.console import complain, say
from philae.cli.failure import FAILED, INTERRUPTED, MISUSED, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final = {
    "serve": "serve",
    "intake": "serve",
    "worker": "serve",
    "web": "serve",
    "config": "config",
    "status": "status",
    "deliveries": "deliveries",
    "demo": "demo",
    "deid": "deid",
    "preview": "preview",
    "profile": "profile",
    "mask": "mask",
    "echo": "echo",
    "worklist": "worklist",
    "send": "send",
    "doctor": "doctor",
    "tokens": "tokens",
    "users": "users",
    "projects": "projects",
    "pseudonyms": "pseudonyms",
    "keys": "keys",
    "mail": "mail",
}
"""The module of each command or group, in the order of ``philae --help``. Only the one that is asked for is imported.

Each has ``register(app)`` and imports what is heavy inside its commands.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 when something failed, 2 for wrong usage."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = _app_for(arguments)(args=arguments, prog_name="philae", standalone_mode=False)
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


def _app_for(arguments: Sequence[str]) -> typer.Typer:
    """The command that is asked for; all of them when none is, or one that does not exist."""
    app = typer.Typer(
        name="philae",
        help="The DICOM gateway that sends images out without sending patients out.",
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # they would print local variables: patients' values
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    asked = next((argument for argument in arguments if not argument.startswith("-")), "")
    for module in [COMMANDS[asked]] if asked in COMMANDS else dict.fromkeys(COMMANDS.values()):
        import_module(f"philae.cli.{module}").register(app)
    return app


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


def _hint(error: typer.TyperException) -> str:
    context: typer.Context | None = getattr(error, "ctx", None)
    return f" (see `{context.command_path} --help`)" if context is not None else ""


def _complained(message: str, exit_code: int) -> int:
    complain(f"philae: {message}")
    return exit_code
