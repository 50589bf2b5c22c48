"""What holds for the repository as a whole."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "philae"
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "versions" not in path.parts)
ROOMS = (
    "app",
    "cli",
    "intake",
    "destinations",
    "pseudonyms",
    "store",
    "work",
    "admin",
    "pipeline",
    "config",
    "deid",
    "dimse",
    "dicom",
    "demo",
)


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_file_holds_no_registry_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entry = re.compile(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|    #.*")

    assert "://" not in text
    assert [line for line in text.splitlines() if not entry.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_a_hash(lock: Path) -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert len(entries) == len(pins(lock))
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_smaller_locks_are_parts_of_the_development_lock() -> None:
    development = pins(ROOT / "requirements" / "dev.txt")

    for name in ("all.txt", "build.txt"):
        assert pins(ROOT / "requirements" / name).items() <= development.items()


def test_every_runtime_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]

    names = {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in wanted}

    assert names <= pins(ROOT / "requirements" / "all.txt").keys()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(SOURCE)))
def test_module_starts_with_one_sentence_that_says_what_it_is_for(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))

    assert docstring, "a module starts with a docstring"
    assert docstring.splitlines()[0].endswith((".", ":", "?")) or len(docstring.splitlines()) > 1


@pytest.mark.parametrize("room", ROOMS)
def test_room_of_the_architecture_exists(room: str) -> None:
    place = SOURCE / room

    assert place.is_file() or (place / "__init__.py").is_file()


def test_every_room_stands_in_the_import_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")

    named = {name.strip(" ()") for layer in layers for name in layer.split("|")}

    assert {room.removesuffix(".py") for room in ROOMS} <= named


@pytest.mark.parametrize(
    "script", [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"], ids=lambda path: path.name
)
def test_script_says_what_it_does(script: Path) -> None:
    lines = script.read_text(encoding="utf-8").splitlines()

    assert script.suffix == ".py" or (lines[0] == "#!/usr/bin/env bash" and lines[1].startswith("# "))
    assert script.suffix == ".py" or script.stat().st_mode & 0o111


def test_public_text_holds_no_machine_path() -> None:
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *MODULES]

    assert [
        str(path) for path in texts if re.search(r"/(work|root|home)/[a-z]", path.read_text(encoding="utf-8"))
    ] == []
