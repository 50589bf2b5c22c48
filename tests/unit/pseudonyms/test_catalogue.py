from __future__ import annotations

from pathlib import Path

import philae.destinations
import philae.pseudonyms
from philae.deid.profile import Project
from philae.destinations import sender_for
from philae.destinations.dicom import DicomSender, DicomSettings
from philae.destinations.folder import FolderSender, FolderSettings
from philae.pseudonyms import pseudonym_source
from philae.pseudonyms.derived import Derived, DerivedSettings
from philae.pseudonyms.in_tag import InTag, InTagSettings
from tests.support.lanes import make_node

PROJECT = Project("Trial", bytes(16))


def files_of(room: object) -> set[str]:
    return {path.stem for path in Path(str(room.__file__)).parent.glob("[a-z]*.py")}  # type: ignore[attr-defined]


def test_every_file_of_the_rooms_is_in_their_catalogue() -> None:
    assert files_of(philae.pseudonyms) == set(philae.pseudonyms.SETTINGS)
    assert files_of(philae.destinations) == set(philae.destinations.SETTINGS)


def test_settings_choose_the_source() -> None:
    assert isinstance(pseudonym_source(DerivedSettings(), PROJECT), Derived)
    assert isinstance(pseudonym_source(InTagSettings(tag="(0010,0020)"), PROJECT), InTag)


def test_settings_choose_the_sender() -> None:
    dicom = DicomSettings(ae_title="A", hostname="h", port=104)

    assert isinstance(sender_for(dicom, make_node()), DicomSender)
    assert isinstance(sender_for(FolderSettings(path=Path("out")), make_node()), FolderSender)
