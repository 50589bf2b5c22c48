from __future__ import annotations

from pathlib import Path

import philae.pseudonyms
from philae.deid.profile import Project
from philae.pseudonyms.api import Api, ApiSettings
from philae.pseudonyms.derived import Derived, DerivedSettings
from philae.pseudonyms.in_tag import InTag, InTagSettings
from philae.pseudonyms.table import Table, TableSettings
from tests.support.pseudonyms import pseudonym_source

PROJECT = Project("Trial", bytes(16))


def files_of(room: object) -> set[str]:
    return {path.stem for path in Path(str(room.__file__)).parent.glob("[a-z]*.py")}  # type: ignore[attr-defined]


def test_every_file_of_the_room_is_in_its_catalogue() -> None:
    assert files_of(philae.pseudonyms) == set(philae.pseudonyms.SETTINGS)


def test_settings_choose_the_source() -> None:
    assert isinstance(pseudonym_source(DerivedSettings(), PROJECT), Derived)
    assert isinstance(pseudonym_source(InTagSettings(tag="(0010,0020)"), PROJECT), InTag)
    assert isinstance(pseudonym_source(TableSettings(), PROJECT), Table)
    assert isinstance(pseudonym_source(ApiSettings(url="https://p.example.org/", response_path=""), PROJECT), Api)
