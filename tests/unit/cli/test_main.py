import subprocess
import sys
from importlib import import_module

import pytest
import typer

from philae.cli import main
from tests.support.commands import Philae

COMMANDS = tuple(main.COMMANDS)


def test_help_lists_every_command(philae: Philae) -> None:
    ran = philae("--help")

    assert ran.code == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in ran.out] == []


def test_help_imports_nothing_heavy() -> None:
    look = (
        "import sys; from philae.cli.main import main; main(['--help']);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60)

    assert not {"pydicom", "numpy", "pydantic", "sqlalchemy", "rich"} & set(done.stderr.split())


def test_python_m_philae_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "philae", "--version"], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.startswith("philae ")


def test_no_command_is_misuse_and_shows_help(philae: Philae) -> None:
    ran = philae()

    assert ran.code == 2
    assert "Commands:" in ran.err


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("deid",), ("deid", "--nonsense"), ("send", "A@b:1"), ("profile", "check")]
)
def test_misuse_is_one_line_that_names_the_help(philae: Philae, arguments: tuple[str, ...]) -> None:
    ran = philae(*arguments)

    assert ran.code == 2
    assert ran.complaint.startswith("philae: ")
    assert "--help`" in ran.complaint


@pytest.mark.parametrize("module", sorted(set(main.COMMANDS.values())))
def test_each_command_is_registered_by_the_module_that_the_table_names(module: str) -> None:
    app = typer.Typer()

    import_module(f"philae.cli.{module}").register(app)

    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    groups = [group.name for group in app.registered_groups]
    assert {*names, *groups} == {command for command, home in main.COMMANDS.items() if home == module}


def test_a_command_imports_no_other_command() -> None:
    look = (
        "import sys; from philae.cli.main import main; main(['profile', 'schema']);"
        "print(*sorted(name for name in sys.modules if name.startswith(('philae.', 'sqlalchemy', 'pydicom'))), "
        "file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60)

    heavy = {"philae.cli.serve", "philae.cli.demo", "philae.app", "sqlalchemy", "pydicom"}
    assert not heavy & set(done.stderr.split())
