from __future__ import annotations

from pathlib import Path

import pytest

from philae.config.document import DocumentFaults, load_document
from philae.config.model import Configuration
from philae.destinations.folder import FolderSettings
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


def load(name: str = "registry", days: str = "forever") -> Configuration:
    text = DOCUMENT.replace("NAME", name).replace("DAYS", days)
    return load_document(text, Path("/"), destination_kinds={"folder": FolderSettings}, pseudonym_kinds=SETTINGS)


def test_an_authentication_is_referred_to_by_its_name() -> None:
    assert load().forward_nodes[0].destinations[0].deidentify is not None


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
