"""``philae mask propose``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from philae.deid.pixels import proposal
from philae.deid.pixels.masks import Area
from philae.deid.profile import Mask, Rectangle
from philae.deid.profile_file import load_profile
from tests.support.commands import Philae
from tests.support.datasets import part10
from tests.support.images import GREY, dataset

PROFILE = """
name: learnt
profileElements:
  - {name: Clean, codename: clean.pixel.data}
"""


@pytest.fixture(autouse=True)
def _finder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text stands where a picture is white in more than one pixel."""

    def areas(view: np.ndarray, _known: object) -> list[Area]:
        rows, columns = np.nonzero(view == 255)
        rows, columns = rows[1:], columns[1:]
        return (
            [Area(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)]
            if rows.size
            else []
        )

    monkeypatch.setattr(proposal, "text_areas", areas)


def image(path: Path, station: str | None, size: int, *, text: bool = True) -> None:
    values = np.zeros((1, size, size), "u1")
    values[0, 0, 0] = 255
    if text:
        values[0, 3:9, 5:20] = 255
    path.write_bytes(part10(dataset(GREY, values, StationName=station)))


def test_the_block_it_prints_is_the_masks_of_a_profile(philae: Philae, tmp_path: Path) -> None:
    for number in range(3):
        image(tmp_path / f"{number}.dcm", 'ROOM "2"', 64, text=number > 0)
    image(tmp_path / "large.dcm", 'ROOM "2"', 96)
    image(tmp_path / "other.dcm", "ELSEWHERE", 64)
    (tmp_path / "notes.txt").write_text("no image")

    ran = philae("mask", "propose", tmp_path, "--station", 'ROOM "2"')

    assert (ran.code, ran.err) == (0, "")
    profile = load_profile(PROFILE + ran.out)
    rectangle = Rectangle(5, 3, 14, 5)
    assert profile.masks == (
        Mask('ROOM "2"', 64, 64, rectangles=(rectangle,)),
        Mask('ROOM "2"', 96, 96, rectangles=(rectangle,)),
    )
    assert not profile.warnings


def test_without_a_station_every_one_gets_its_mask_and_images_without_are_told(philae: Philae, tmp_path: Path) -> None:
    image(tmp_path / "1.dcm", "A", 64)
    image(tmp_path / "2.dcm", "B", 64)
    image(tmp_path / "3.dcm", None, 64)

    ran = philae("mask", "propose", tmp_path)

    assert [mask.station_name for mask in load_profile(PROFILE + ran.out).masks] == ["A", "B"]
    assert "3.dcm: it has no Station Name" in ran.complaint


def test_a_folder_without_such_images_fails(philae: Philae, tmp_path: Path) -> None:
    image(tmp_path / "1.dcm", "A", 64)

    ran = philae("mask", "propose", tmp_path, "--station", "B")

    assert ran.code == 1
    assert "no image of station 'B'" in ran.complaint


def test_no_more_images_are_looked_at_than_wanted(philae: Philae, tmp_path: Path) -> None:
    for number in range(5):
        image(tmp_path / f"{number}.dcm", "A", 64)

    ran = philae("mask", "propose", tmp_path, "--most", "2")

    assert "images looked at: 2" in ran.out
