"""`philae projects`: projects, who uses them, and their secrets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.console import complain, print_json, say
from philae.cli.data import DATA
from philae.cli.opened import opened

if TYPE_CHECKING:
    from philae.cli.opened import Opened
    from philae.config.configuration import Configuration
    from philae.config.project import ProjectSettings

group = typer.Typer(help="Show projects, change their secrets, remove them.", no_args_is_help=True)
secret_group = typer.Typer(help="Change the secret of a project.", no_args_is_help=True)

NAME = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's name.")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
YES = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    group.add_typer(secret_group, name="secret")
    app.add_typer(group, name="projects")


@group.command("list")
def list_projects(data: DATA = None, as_json: JSON = False) -> None:
    """List the projects, their profiles and the destinations that use them."""
    with opened(data) as gateway:
        rows = [_row(gateway, each) for each in gateway.configurations.current().projects]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['name']}\tprofile {row['profile']}\tused by {_words(row['used_by'])}")


@group.command("show")
def show(name: NAME, data: DATA = None, as_json: JSON = False) -> None:
    """Show a project and the history of its secret; secrets are told apart by fingerprints."""
    from philae.admin.projects import project_named
    from philae.store.project_secrets import SqlSecretHistory

    with opened(data) as gateway:
        project = project_named(gateway.configurations.current(), name)
        row = _row(gateway, project)
        history = [
            {"fingerprint": past.fingerprint, "first_used_at": past.first_used_at.isoformat()}
            for past in SqlSecretHistory(gateway.database).of(name)
        ]
    if as_json:
        print_json({**row, "secrets": history})
        return
    say(f"{row['name']}\tprofile {row['profile']}\tused by {_words(row['used_by'])}")
    for past in history:
        in_use = ", in use" if past["fingerprint"] == row["secret"] else ""
        say(f"secret {past['fingerprint']}\tfirst used {past['first_used_at'][:19]}{in_use}")


@group.command("remove")
def remove(name: NAME, data: DATA = None) -> None:
    """Remove a project that no destination uses; the history of its secret stays."""
    from philae.admin.projects import without_project

    with opened(data) as gateway:
        gateway.change(without_project(gateway.configurations.current(), name), "project.deleted", name)
    complain(f"project {name!r} is removed")


@secret_group.command("new")
def new_secret(name: NAME, data: DATA = None, yes: YES = False) -> None:
    """Give a project a new secret and print it, once: it cannot be shown again."""
    from philae.admin.project_secrets import with_new_secret

    with opened(data) as gateway:
        configuration, text = with_new_secret(gateway.configurations.current(), name)
        _change(gateway, configuration, name, yes=yes)
    complain("keep it as you keep the data; it is shown only now:")
    say(text)


@secret_group.command("import")
def import_secret(name: NAME, data: DATA = None, yes: YES = False) -> None:
    """Give a project a secret from elsewhere, read from standard input: 32 hex digits, dashes allowed."""
    from philae.admin.project_secrets import with_imported_secret

    text = typer.prompt("secret", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.read()
    with opened(data) as gateway:
        configuration = with_imported_secret(gateway.configurations.current(), name, text)
        _change(gateway, configuration, name, yes=yes)


@secret_group.command("activate")
def activate_secret(
    name: NAME,
    fingerprint: Annotated[str, typer.Argument(help="As `philae projects show` has it.")],
    data: DATA = None,
    yes: YES = False,
) -> None:
    """Take up again a secret that the project has had before."""
    from philae.admin.project_secrets import with_past_secret
    from philae.store.project_secrets import SqlSecretHistory

    with opened(data) as gateway:
        history = SqlSecretHistory(gateway.database)
        configuration = with_past_secret(gateway.configurations.current(), name, fingerprint, history)
        _change(gateway, configuration, name, yes=yes)


def _change(gateway: Opened, configuration: Configuration, name: str, *, yes: bool) -> None:
    """Apply it after a warning, which a terminal has to confirm unless ``yes``."""
    from philae.admin.project_secrets import CONSEQUENCE, fingerprint
    from philae.admin.projects import project_named, uses_of_project
    from philae.deid.keys import parse_secret

    used_by = _words([str(use) for use in uses_of_project(configuration, name)])
    complain(f"the secret of project {name!r} (used by {used_by}) changes: {CONSEQUENCE}")
    if sys.stdin.isatty() and not yes:
        typer.confirm("change it?", abort=True, err=True)
    mark = fingerprint(parse_secret(project_named(configuration, name).secret or ""))
    gateway.change(configuration, "project.secret", name)
    complain(f"secret {mark} is in use")


def _row(gateway: Opened, project: ProjectSettings) -> dict[str, object]:
    from philae.admin.project_secrets import fingerprint
    from philae.admin.projects import uses_of_project
    from philae.deid.keys import parse_secret

    uses = uses_of_project(gateway.configurations.current(), project.name)
    return {
        "name": project.name,
        "profile": project.profile,
        "secret": fingerprint(parse_secret(project.secret)) if project.secret else None,
        "pseudonym_days": project.pseudonym_days,
        "used_by": [str(use) for use in uses],
    }


def _words(uses: object) -> str:
    return ", ".join(uses) if isinstance(uses, list) and uses else "nobody"
