"""The series of a folder are looked at before its files are worked off."""

from __future__ import annotations

from pathlib import Path

import pydicom

from philae.deid.engine import compile_profile
from philae.deid.files.faces import fronts_of
from philae.deid.files.folder_walk import files_below
from philae.deid.files.library import deidentify_folder
from philae.deid.pixels.face_figures import total
from philae.deid.profile import ElementSpec, Profile, Project
from tests.support import mr_heads
from tests.support.datasets import part10
from tests.support.engine import BASIC, NOW, SECRET
from tests.support.heads import head_with_a_nose, series

DEFACE = ElementSpec("Deface", "clean.recognizable.visual.features")
WITH_FACES = compile_profile(Profile("P", elements=(DEFACE, BASIC)), Project("P", SECRET))
WITHOUT = compile_profile(Profile("P", elements=(BASIC,)), Project("P", SECRET))


def head_in(folder: Path, slices: int = 12) -> Path:
    folder.mkdir()
    for number, made in enumerate(series(head_with_a_nose(slices))):
        (folder / f"{number:02}.dcm").write_bytes(part10(made))
    (folder / "notes.txt").write_text("no instance")
    return folder


def test_a_series_is_defaced_as_a_whole_and_the_same_again(tmp_path: Path) -> None:
    source = head_in(tmp_path / "in")

    runs = [list(deidentify_folder(source, tmp_path / name, WITH_FACES, pseudonym="P", now=NOW)) for name in ("a", "b")]

    figures = total(outcome.face for outcome in runs[0])
    assert (figures.slices, figures.touched) == (12, 0)
    assert figures.moved >= 0.99 * figures.points
    assert all(outcome.pixels.startswith("defaced: ") for outcome in runs[0] if outcome.sop_instance_uid)
    written = [sorted((tmp_path / name).rglob("*.dcm")) for name in ("a", "b")]
    assert [path.read_bytes() for path in written[0]] == [path.read_bytes() for path in written[1]]
    assert {pydicom.dcmread(path).RecognizableVisualFeatures for path in written[0]} == {"NO"}


def test_every_slice_of_a_head_gets_its_front_from_the_series(tmp_path: Path) -> None:
    source = head_in(tmp_path / "in")

    fronts = fronts_of(files_below(source), WITH_FACES)

    assert fronts is not None
    assert len(fronts) == 12
    assert all(front is not None for front in fronts.values())


def test_an_mr_series_loses_its_face_and_says_so(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number, made in enumerate(mr_heads.series(mr_heads.head(), "sagittal")):
        (source / f"{number:02}.dcm").write_bytes(part10(made))

    outcomes = list(deidentify_folder(source, tmp_path / "out", WITH_FACES, pseudonym="P", now=NOW))

    figures = total(outcome.face for outcome in outcomes)
    assert figures.moved > 0.7 * figures.points > 0
    assert figures.touched < 0.005 * figures.behind
    assert {pydicom.dcmread(path).RecognizableVisualFeatures for path in (tmp_path / "out").rglob("*.dcm")} == {"NO"}


def test_nothing_is_read_for_a_profile_that_defaces_nothing(tmp_path: Path) -> None:
    assert fronts_of(files_below(tmp_path / "that does not exist"), WITHOUT) is None
