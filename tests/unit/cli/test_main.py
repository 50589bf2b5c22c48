import subprocess
import sys

import pytest

from tests.support.commands import Philae

COMMANDS = ("serve", "intake", "worker", "config", "status", "demo", "deid", "preview", "profile", "echo", "send")


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
