from __future__ import annotations

from pathlib import Path

import pytest

from philae.config.configuration import Configuration
from philae.config.document import DocumentFaults, load_document
from philae.config.kinds import DestinationSettings
from philae.destinations.folder import FolderSettings
from philae.destinations.stow import StowSettings
from philae.pseudonyms import SETTINGS

DOCUMENT = """\
profiles:
  - text: |
      name: Basic
      version: "1.0"
      profileElements: [{name: Basic, codename: basic.dicom.profile}]
projects:
  - {name: Trial, profile: Basic, pseudonym_days: DAYS}
web_services:
  authentications:
    - {name: registry, token_url: "https://idp.example.org/token", client_id: gateway, client_secret: hush}
forward_nodes:
  - ae_title: PHILAE
    destinations:
      - name: local
        kind: folder
        path: out
        deidentify:
          project: Trial
          pseudonym: {kind: api, url: "https://p.example.org/", response_path: "", authentication: NAME}
"""


def load(name: str = "registry", days: str = "forever", document: str = DOCUMENT) -> Configuration:
    text = document.replace("NAME", name).replace("DAYS", days)
    return load_document(text, Path("/"), destination_kinds={"folder": FolderSettings}, pseudonym_kinds=SETTINGS)


def test_an_authentication_is_referred_to_by_its_name() -> None:
    assert load().forward_nodes[0].destinations[0].deidentify is not None


MORPHING = DOCUMENT[: DOCUMENT.index("        deidentify:")] + "        morph: {project: NAME}\n"


def test_tag_morphing_refers_to_a_project() -> None:
    with pytest.raises(DocumentFaults, match=r"morph\.project: there is no project 'Trail'; known are: Trial"):
        load("Trail", document=MORPHING)

    assert load("Trial", document=MORPHING).forward_nodes[0].destinations[0].project == "Trial"


def test_de_identification_and_tag_morphing_exclude_each_other() -> None:
    both = MORPHING + "        deidentify: {project: Trial}\n"

    with pytest.raises(DocumentFaults, match=r"morph: .*exclude each other"):
        load("Trial", document=both)


FALLBACKS = """\
forward_nodes:
  - ae_title: PHILAE
    destinations:
      - {name: main, kind: folder, path: out, MORE}
      - {name: spare, kind: folder, path: out2}
      - {name: other, kind: folder, path: out3, fallback: spare}
"""


@pytest.mark.parametrize(
    "more, message",
    [
        ("fallback: spare", ""),
        ("fallback: spare, fallback_after_s: 60", ""),
        ("fallback: main", "no other destination 'main' in this node; known are: other, spare"),
        ("fallback: nowhere", "no other destination 'nowhere' in this node"),
        ("fallback: other", "'other' has a fallback itself"),
        ("fallback_after_s: 60", "there is no fallback"),
    ],
)
def test_a_fallback_is_another_destination_of_the_node_and_the_last_resort(more: str, message: str) -> None:
    document = FALLBACKS.replace("MORE", more)
    if not message:
        assert load(document=document).forward_nodes[0].destinations[0].fallback == "spare"
        return

    with pytest.raises(DocumentFaults, match=message) as refused:
        load(document=document)

    assert [fault.line for fault in refused.value.faults] == [4]


def test_an_authentication_that_is_not_there_is_told_with_its_line() -> None:
    with pytest.raises(DocumentFaults) as refused:
        load("registrar")

    (fault,) = refused.value.faults
    assert fault.line == DOCUMENT.splitlines().index(next(x for x in DOCUMENT.splitlines() if "kind: api" in x)) + 1
    assert fault.message == "web_services has no authentication 'registrar'; known are: registry"


@pytest.mark.parametrize("written, days", [("forever", "forever"), ("7", 7), ("365", 365)])
def test_pseudonyms_stay_for_days_or_for_ever(written: str, days: object) -> None:
    assert load(days=written).projects[0].pseudonym_days == days


@pytest.mark.parametrize("written", ["0", "-1", "always", "1.5"])
def test_other_lifetimes_are_refused(written: str) -> None:
    with pytest.raises(DocumentFaults, match="pseudonym_days"):
        load(days=written)


@pytest.mark.parametrize("place", ["targets:\n  ", "      "])
def test_the_authentication_of_an_archive_is_looked_for_too(place: str) -> None:
    archive = 'kind: stow, url: "https://a.example.org", authentication: OTHER'
    text = DOCUMENT.replace("NAME", "registry").replace("DAYS", "7") + f"{place}- {{name: archive, {archive}}}\n"
    kinds: dict[str, type[DestinationSettings]] = {"folder": FolderSettings, "stow": StowSettings}

    load_document(text.replace("OTHER", "registry"), Path("/"), destination_kinds=kinds, pseudonym_kinds=SETTINGS)
    with pytest.raises(DocumentFaults) as refused:
        load_document(text, Path("/"), destination_kinds=kinds, pseudonym_kinds=SETTINGS)

    assert [each.message for each in refused.value.faults] == [
        "web_services has no authentication 'OTHER'; known are: registry"
    ]
