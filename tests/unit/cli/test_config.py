"""What is exported and applied again is what it was: every key of every kind, and the secrets that nobody sees."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from philae import destinations, pseudonyms
from philae.config.configuration import Configuration
from philae.config.document import load_document
from philae.config.fields import Frozen
from tests.support.commands import Philae

HOST_KEY = f"ssh-ed25519 {b64encode(bytes(51)).decode()}"
RICH = f"""\
profiles:
  - text: |
      name: Basic
      version: "1.0"
      profileElements:
        - {{name: Basic, codename: basic.dicom.profile}}
projects:
  - name: Trial
    profile: Basic
    secret: 0123456789abcdef0123456789abcdef
    pseudonym_days: forever
    hash_encoding: us-ascii
    compat: karnak
    sequence_inheritance: karnak
    server_timezone: Europe/Zurich
    time_shift: independent
web_services:
  allowed_hosts: [registry.example]
  timeout_s: 2.5
  attempts: 2
  cache_s: 60
  authentications:
    - {{name: registry, token_url: "https://id.example/t", client_id: me, client_secret: HUSH-1, scope: read}}
targets:
  - name: PACS
    description: The archive
    contact: pacs@example.org
    kind: dicom
    ae_title: ARCHIVE
    hostname: pacs.example.org
    port: 104
    calling: destination
    tls: {{authority: ca.pem, certificate: own.pem, key: own.key, check_hostname: false}}
    associations: 4
    operations: 8
    storage_commitment: true
    commitment_timeout_s: 600
    connect_timeout_s: 5
    response_timeout_s: 60
  - {{name: FIXED, kind: dicom, ae_title: A, hostname: b.example, port: 105, calling_ae_title: US}}
forward_nodes:
  - ae_title: PHILAE
    description: Everything
    group: Radiology
    paused: true
    answer: any
    answer_timeout_s: 30
    limits: {{associations: 20, instances_per_s: 50}}
    watch: [{{path: incoming, settle_s: 0}}]
    sources:
      - ae_title: CT01
        description: Room 4
        hostname: 10.1.2.3
        check_hostname: true
        limits: {{associations: 2, instances_per_s: 0.5}}
    destinations:
      - name: archive
        target: PACS
        description: First
        contact: a@b.example
        enabled: false
        paused: true
        sop_classes: [CT Image Storage]
        condition: tagValueIsPresent(#Tag.Modality, 'CT')
        deidentify: {{project: Trial, pseudonym: {{kind: table}}, tripwire: warn}}
        notify:
          emails: [a@b.example, c@d.example]
          subject: "%s"
          values: [StudyDate]
          error_prefix: E
          rejection_prefix: R
          interval_s: 60
        fallback: night
        fallback_after_s: 600
        retry: {{base_s: 1, cap_s: 100}}
        rate: {{instances_per_s: 5, bytes_per_s: 100000}}
        transfer_syntax: JPEG 2000
        transcode_only_uncompressed: false
        quality: {{jpeg: 80, ratio: 5, near: 1}}
      - name: night
        kind: folder
        path: out
        layout: "{{PatientID}}/{{SOPInstanceUID}}"
        time_zone: Europe/Zurich
        windows: [{{days: [mon, tue], from: "20:00", to: "06:00"}}, sat 00:00-24:00]
        morph: {{project: Trial}}
      - {{name: fixed, target: FIXED, deidentify: {{project: Trial, pseudonym: {{kind: derived}}}}}}
      - name: web
        kind: stow
        url: https://web.example/dicom-web
        headers: {{X-Project: HUSH-2}}
        basic: {{username: me, password: HUSH-3}}
        http: "2"
        tls: {{authority: ca.pem}}
        kheops_albums:
          - name: Trial
            url_api: https://kheops.example/api
            authorization_destination: HUSH-4
            authorization_source: HUSH-5
            condition: tagValueIsPresent(#Tag.Modality, 'CT')
        batch_instances: 3
        batch_bytes: 1000
        look_up: true
        connections: 2
        connect_timeout_s: 5
        response_timeout_s: 60
        deidentify:
          project: Trial
          pseudonym: {{kind: in_tag, tag: "(0010,0020)", delimiter: "-", position: 1}}
      - name: bearer
        kind: stow
        url: https://web.example/studies
        token: HUSH-6
        deidentify: {{project: Trial, pseudonym: {{kind: table, ignore_issuer: false, issuer_by_default: HOSPITAL}}}}
      - name: credentials
        kind: stow
        url: https://web.example/studies
        oauth2: {{token_url: "https://id.example/t", client_id: me, client_secret: HUSH-7, scope: write}}
        deidentify:
          project: Trial
          pseudonym:
            kind: api
            url: https://registry.example/p
            response_path: /pseudonym
            method: POST
            body: "{{}}"
            authentication: registry
      - {{name: by name, kind: stow, url: "https://web.example/studies", authentication: registry}}
      - name: server
        kind: sftp
        hostname: sftp.example
        port: 2222
        host_key: {HOST_KEY}
        username: me
        password: HUSH-8
        key: id_ed25519
        passphrase: HUSH-9
        path: in
        layout: "{{SOPInstanceUID}}"
        marker: .complete
        exclude: ["*.tmp"]
        connections: 3
        connect_timeout_s: 5
        response_timeout_s: 60
      - name: bucket
        kind: s3
        bucket: studies
        endpoint: https://s3.example
        region: eu-central-2
        access_key_id: me
        secret_access_key: HUSH-10
        authority: ca.pem
        prefix: trial
        layout: "{{SOPInstanceUID}}"
        connections: 3
        connect_timeout_s: 5
        response_timeout_s: 60
      - {{name: nowhere, kind: report_only}}
"""
GIVEN_BY_US = {"id", "version", "kind"}


def frozen_values(value: Any) -> Iterator[Frozen]:
    if isinstance(value, Frozen):
        yield value
        value = [getattr(value, name) for name in type(value).model_fields]
    if isinstance(value, list | tuple):
        for each in value:
            yield from frozen_values(each)


def test_the_rich_configuration_says_something_about_every_key(tmp_path: Path) -> None:
    kinds = {"destination_kinds": destinations.SETTINGS, "pseudonym_kinds": pseudonyms.SETTINGS}
    configuration = load_document(RICH, tmp_path, **kinds)  # type: ignore[arg-type]

    said: dict[type[Any], set[str]] = {}
    for value in frozen_values(configuration):
        defaults = {name: field.get_default() for name, field in type(value).model_fields.items()}
        said.setdefault(type(value), set()).update(
            name for name, default in defaults.items() if getattr(value, name) != default
        )
    wanted: set[type[Any]] = {*destinations.SETTINGS.values(), *pseudonyms.SETTINGS.values(), Configuration}
    unsaid = {
        f"{model.__name__}.{name}"
        for model in wanted | said.keys()
        for name in model.model_fields.keys() - said.get(model, set()) - GIVEN_BY_US
    }
    assert unsaid == set()


@pytest.fixture
def data(philae: Philae, tmp_path: Path) -> Path:
    """A gateway that is configured so."""
    (tmp_path / "rich.yml").write_text(RICH)
    ran = philae("config", "apply", tmp_path / "rich.yml", "--data", tmp_path / "data")
    assert ran.code == 0, ran.err
    return tmp_path / "data"


def test_an_exported_configuration_applied_again_is_no_change(philae: Philae, data: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    exported = philae("config", "export", "--data", data).out
    (elsewhere / "again.yml").write_text(exported)

    ran = philae("config", "apply", elsewhere / "again.yml", "--data", data)

    assert ran.complaint == "configuration version 1 is current"
    assert philae("config", "export", "--data", data).out == exported
    assert "HUSH" not in exported
