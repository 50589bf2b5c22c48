from __future__ import annotations

from pathlib import Path

import pytest

from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.config.document import DocumentFaults, dump_document, load_document
from philae.config.sending import RateSettings
from philae.config.stored_secrets import with_stored_secrets
from philae.destinations import SETTINGS
from philae.pseudonyms import SETTINGS as PSEUDONYMS

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
WHOLE = """\
targets:
  - name: PACS
    description: The archive of radiology
    contact: pacs@example.org
    kind: stow
    url: https://pacs.example.org/dicom-web
    headers: "<key>X-Project</key><value>hidden</value>"
    basic: {username: philae, password: hidden}
forward_nodes:
  - ae_title: ONE
    destinations:
      - {name: archive, target: PACS, sop_classes: [CT Image Storage, MR, 1.2.3.4], enabled: false}
      - {name: local, kind: folder, path: out, description: For people, contact: a@b.example}
  - ae_title: TWO
    destinations:
      - {name: archive, target: PACS, rate: {instances_per_s: 5, bytes_per_s: 100000}}
"""
CONTEXT = {"destination_kinds": SETTINGS, "pseudonym_kinds": PSEUDONYMS}


def load(text: str) -> Configuration:
    return load_document(text, Path("/nowhere"), **CONTEXT)  # type: ignore[arg-type]


def destinations(configuration: Configuration) -> list[Destination]:
    return [each for node in configuration.forward_nodes for each in node.destinations]


def faults(text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(DocumentFaults) as caught:
        load(text)
    return [(fault.path, fault.line, fault.message) for fault in caught.value.faults]


def test_destinations_share_the_settings_of_a_target_and_keep_what_is_theirs() -> None:
    configuration = load(WHOLE)

    one, local, two = destinations(configuration)
    assert one.settings == two.settings == configuration.targets[0].settings
    assert (one.enabled, two.enabled) == (False, True)
    assert one.sop_classes == (CT, MR, "1.2.3.4")
    assert two.rate == RateSettings(instances_per_s=5, bytes_per_s=100_000)
    assert (local.description, local.contact) == ("For people", "a@b.example")


def test_a_change_of_the_target_is_one_of_every_destination_that_names_it() -> None:
    before, after = load(WHOLE), load(WHOLE.replace("/dicom-web", "/other"))

    changed = [one != other for one, other in zip(destinations(before), destinations(after), strict=True)]

    assert changed == [True, False, True]


def test_an_export_names_targets_and_shows_no_secret() -> None:
    configuration = load(WHOLE)

    exported = dump_document(configuration)

    assert "hidden" not in exported
    assert exported.count("pacs.example.org/dicom-web") == 1
    assert with_stored_secrets(load(exported), configuration, CONTEXT) == configuration


def test_a_further_destination_of_a_stored_target_needs_no_secret_anew() -> None:
    configuration = load(WHOLE)
    exported = dump_document(configuration) + "- {ae_title: THREE, destinations: [{name: new, target: PACS}]}\n"

    complete = with_stored_secrets(load(exported), configuration, CONTEXT)

    assert destinations(complete)[-1].settings == configuration.targets[0].settings


def test_what_is_stored_is_read_again_as_it_was() -> None:
    configuration = load(WHOLE)

    assert Configuration.model_validate_json(configuration.model_dump_json(), context=CONTEXT) == configuration


def test_every_fault_has_its_place() -> None:
    text = """\
targets:
  - {name: A, kind: dicom, ae_title: A, hostname: a, port: 1}
  - {name: A, kind: dicom, ae_title: A, hostname: a, port: many}
forward_nodes:
  - ae_title: ONE
    destinations:
      - {name: a, target: B}
      - {name: b, target: A, kind: dicom}
      - {name: c, kind: report_only, sop_classes: [CT Imag Storage]}
      - {name: d, kind: report_only, contact: nobody, rate: {instances_per_s: 0}}
"""

    found = {(path, line) for path, line, _ in faults(text)}

    assert found == {
        ("targets[1].name", 3),
        ("targets[1].port", 3),
        ("forward_nodes[0].destinations[0].target", 7),
        ("forward_nodes[0].destinations[1].kind", 8),
        ("forward_nodes[0].destinations[2].sop_classes[0]", 9),
        ("forward_nodes[0].destinations[3].contact", 10),
        ("forward_nodes[0].destinations[3].rate.instances_per_s", 10),
    }


def test_an_unknown_target_is_answered_with_those_that_are_known() -> None:
    text = "targets: [{name: A, kind: report_only}]\nforward_nodes: [{ae_title: ONE, destinations: [{name: a, target: B}]}]"

    assert faults(text) == [
        ("forward_nodes[0].destinations[0].target", 2, "there is no target 'B'; known are: A"),
    ]
