"""What `python -m benchmarks` is asked for."""

from pathlib import Path

import pytest

from benchmarks.__main__ import SECTIONS, parsed


def test_no_section_is_every_section() -> None:
    assert parsed([]).sections == [*SECTIONS]


def test_sections_and_folder_are_taken_from_the_command_line(tmp_path: Path) -> None:
    arguments = parsed(["stow in", "engine", "--folder", str(tmp_path), "--rounds", "2"])

    assert (arguments.sections, arguments.folder, arguments.rounds) == (["stow in", "engine"], tmp_path, 2)


def test_unknown_section_is_refused() -> None:
    with pytest.raises(SystemExit):
        parsed(["speed"])
