"""The catalogue of profile elements."""

from pathlib import Path

from philae.deid import elements
from philae.deid.elements import CATALOGUE

NO_CODENAME = {"__init__", "element", "letters"}


def test_every_module_is_in_the_catalogue_under_its_codename() -> None:
    modules = {path.stem for path in Path(elements.__file__).parent.glob("*.py")} - NO_CODENAME

    assert {kind.codename.replace(".", "_") for kind in CATALOGUE} == modules


def test_codenames_are_unique() -> None:
    assert len({kind.codename for kind in CATALOGUE}) == len(CATALOGUE)
