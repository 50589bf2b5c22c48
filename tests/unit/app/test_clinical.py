"""What the clinical log says, and what it does not."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from philae import destinations, pseudonyms
from philae.app.clinical import CLINICAL, ClinicalLog
from philae.config.configuration import Configuration
from philae.config.document import load_document
from philae.dicom.identify import Identifiers
from philae.pipeline.model import Delivery, Settlement
from philae.pipeline.outcome import State
from tests.support.documents import PROFILE, document, node, to_folder
from tests.support.instances import make_instance

NEW = Identifiers(sop_instance_uid="2.25.1", series_instance_uid="2.25.2", patient_id="P-7")


class Configurations:
    """Version 1: destination 1 de-identifies, destination 2 does not, destination 3 morphs."""

    def __init__(self) -> None:
        nodes = node(
            to_folder(Path("a"), "clean"),
            to_folder(Path("b"), "plain", deidentify=None),
            to_folder(Path("c"), "marked", deidentify=None, morph={"project": "Trial"}),
        )
        loaded = load_document(
            document(nodes), Path(), destination_kinds=destinations.SETTINGS, pseudonym_kinds=pseudonyms.SETTINGS
        )
        (only,) = loaded.forward_nodes
        numbered = tuple(each.model_copy(update={"id": number}) for number, each in enumerate(only.destinations, 1))
        self._nodes = (only.model_copy(update={"destinations": numbered}),)
        self._loaded = loaded

    def current(self) -> Configuration:
        raise NotImplementedError

    def version(self, number: int) -> Configuration:
        return self._loaded.model_copy(update={"version": number, "forward_nodes": self._nodes})

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What was written so far."""
    written: list[dict[str, Any]] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.extend(map(json.loads, record.getMessage().splitlines()))

    logger, handler = logging.getLogger(CLINICAL), Collecting()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield written
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def settlement(state: State = State.SENT, destination_id: int = 1, sent: Identifiers | None = NEW) -> Settlement:
    return Settlement(Delivery(make_instance(7), destination_id, 1, 0), state, sent=sent)


def test_a_line_says_what_left_as_what_and_by_which_rules(lines: list[dict[str, Any]]) -> None:
    ClinicalLog(Configurations()).note([settlement()])

    (line,) = lines
    assert line.pop("time").endswith("+00:00")
    profile = yaml.safe_load(PROFILE)["name"]
    assert line == {
        "instance": 7,
        "node": "PHILAE",
        "destination": "clean",
        "state": "sent",
        "project": "Trial",
        "profile": profile,
        "rules_sha256": sha256(PROFILE.encode()).hexdigest(),
        "config_version": 1,
        "sop_instance_uid": "1.2.3.7",
        "new_sop_instance_uid": "2.25.1",
        "series_instance_uid": "1.2.3",
        "new_series_instance_uid": "2.25.2",
    }


def test_every_instance_that_left_has_a_line_and_nothing_else_has(lines: list[dict[str, Any]]) -> None:
    clinical = ClinicalLog(Configurations())
    left = [settlement(), settlement(State.ALREADY_PRESENT), settlement(State.SIMULATED)]
    stayed = [settlement(state, sent=None) for state in (State.EXCLUDED, State.HELD, State.FAILED, State.QUEUED)]
    untouched = settlement(destination_id=2, sent=None)

    clinical.note([*left, *stayed, untouched])

    assert [line["state"] for line in lines] == ["sent", "already_present", "simulated"]


def test_no_name_of_a_patient_is_written(lines: list[dict[str, Any]]) -> None:
    named = settlement()
    instance = replace(
        named.delivery.instance, identifiers=replace(named.delivery.instance.identifiers, patient_id="MUSTER")
    )

    ClinicalLog(Configurations()).note([replace(named, delivery=replace(named.delivery, instance=instance))])

    assert "MUSTER" not in json.dumps(lines)
    assert "P-7" not in json.dumps(lines)


def test_what_left_morphed_has_a_line_with_the_rules_too(lines: list[dict[str, Any]]) -> None:
    ClinicalLog(Configurations()).note([settlement(destination_id=3)])

    (line,) = lines
    assert (line["destination"], line["project"], line["profile"]) == ("marked", "Trial", "Basic")
    assert line["new_sop_instance_uid"] == "2.25.1"
