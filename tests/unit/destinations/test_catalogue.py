from __future__ import annotations

import re
from pathlib import Path

import pytest

import philae
from philae.config.document import dump_document, load_document
from philae.config.stored_secrets import with_stored_secrets
from philae.destinations import CATALOGUE, SETTINGS, Kind, sender_for
from philae.pseudonyms import SETTINGS as PSEUDONYMS

ROOM = Path(philae.__file__).parent / "destinations"
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"
ALL_KINDS = """\
forward_nodes:
  - ae_title: PHILAE
    destinations:
      - name: dicom
        kind: dicom
        ae_title: ARCHIVE
        hostname: archive.example
        port: 104
        calling: sender
        tls: {authority: ca.pem, certificate: own.pem, key: own.key}
      - {name: folder, kind: folder, path: out}
      - name: sftp
        kind: sftp
        hostname: sftp.example
        username: philae
        password: hidden
        host_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKfKFGZLSyO3ER1QDcH5YV4ml9nRXQ2FYw2p8tPNBdEm
        exclude: "*.a, *.b"
        marker: .complete
      - name: stow
        kind: stow
        url: https://archive.example
        headers: <key>X-One</key><value>hidden</value>
        oauth2: {token_url: "https://login.example/token", client_id: philae, client_secret: hidden}
        tls: {authority: ca.pem, check_hostname: "false"}
        look_up: "true"
      - {name: s3, kind: s3, bucket: studies, access_key_id: philae, secret_access_key: hidden, prefix: "{Modality}"}
      - {name: report, kind: report_only}
"""


def test_catalogue_holds_every_kind_of_the_room() -> None:
    kinds = {
        path.stem for path in ROOM.iterdir() if path.stem not in {"__init__", "__pycache__", "examination", "pace"}
    }

    assert {kind.settings.kind_name for kind in CATALOGUE} == kinds == SETTINGS.keys()


def test_every_kind_survives_an_export_that_shows_no_secret(tmp_path: Path) -> None:
    kinds = {"destination_kinds": SETTINGS, "pseudonym_kinds": PSEUDONYMS}
    configuration = load_document(ALL_KINDS, tmp_path, destination_kinds=SETTINGS, pseudonym_kinds=PSEUDONYMS)

    exported = dump_document(configuration)

    again = load_document(exported, Path("/elsewhere"), destination_kinds=SETTINGS, pseudonym_kinds=PSEUDONYMS)
    assert {each.settings.kind for each in configuration.forward_nodes[0].destinations} == SETTINGS.keys()
    assert "hidden" not in exported
    assert with_stored_secrets(again, configuration, kinds) == configuration


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.settings.kind_name)
def test_every_key_of_a_kind_stands_in_its_part_of_the_reference(kind: Kind) -> None:
    settings = kind.settings
    heading = f"### {settings.kind_name}\n"

    section = REFERENCE.read_text(encoding="utf-8").partition(heading)[2].partition("\n##")[0]

    assert settings.model_fields.keys() - {"kind"} <= set(re.findall(r"`(\w+)`", section))


def test_settings_choose_the_sender(tmp_path: Path) -> None:
    configuration = load_document(
        ALL_KINDS.replace("calling: sender\n        tls: {authority: ca.pem, certificate: own.pem, key: own.key}", ""),
        tmp_path,
        destination_kinds=SETTINGS,
        pseudonym_kinds=PSEUDONYMS,
    )
    (node,) = configuration.forward_nodes

    senders = {each.settings.kind: type(sender_for(each, node)).__name__ for each in node.destinations}

    assert senders == {
        "dicom": "DicomSender",
        "folder": "FolderSender",
        "sftp": "SftpSender",
        "stow": "StowSender",
        "s3": "S3Sender",
        "report_only": "ReportOnlySender",
    }
