from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from philae.admin.declined import Declined
from philae.admin.deliveries import Facts
from philae.admin.deliveries_csv import COLUMNS, csv_of
from philae.admin.deliveries_rules import RuleBook
from philae.config.model import Configuration, Deidentify, ProjectSettings, StoredProfile
from philae.pipeline.outcome import State
from philae.pseudonyms.derived import DerivedSettings as Derived
from tests.support.lanes import make_destination, make_node

AT = datetime(2026, 3, 4, 5, 6, 7, 890123, UTC)
BLANK = dict.fromkeys(Facts._fields, "")


class Store:
    """One version, which de-identifies to destination 1."""

    def __init__(self) -> None:
        destination = make_destination().model_copy(
            update={"deidentify": Deidentify(project="=P", pseudonym=Derived())}
        )
        self._configuration = Configuration(
            profiles=(StoredProfile(name="basic", text="rules"),),
            projects=(ProjectSettings(name="=P", profile="basic"),),
            forward_nodes=(make_node(destination),),
        )

    def current(self) -> Configuration:
        return self._configuration

    def version(self, number: int) -> Configuration:
        if number != 1:
            raise LookupError
        return self._configuration

    def apply(self, configuration: Configuration) -> Configuration:
        raise AssertionError


def exported(*found: Facts, delimiter: str = ",", quote: str = '"') -> str:
    return "".join(csv_of(found, RuleBook(Store()), delimiter, quote))


def facts(**changes: object) -> Facts:
    numbers = {"instance_id": 255, "destination_id": 1, "attempts": 0, "size": 10, "config_version": 1}
    moments = {"received_at": AT, "changed_at": AT, "not_before": None}
    return Facts(**{**BLANK, **numbers, **moments, "state": State.SENT, **changes})  # type: ignore[arg-type]


def rows(text: str, **dialect: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline=""), **dialect))  # type: ignore[call-overload]


def test_each_delivery_is_a_line_below_the_heading() -> None:
    text = exported(facts(code="0000H"), facts(not_before=AT, state=State.QUEUED))

    first, second = rows(text)
    assert tuple(first) == COLUMNS
    assert (first["received_at"], first["state"], first["code"]) == ("2026-03-04 05:06:07.890+00:00", "sent", "0000H")
    assert (first["not_before"], second["not_before"]) == ("", "2026-03-04 05:06:07.890+00:00")


def test_each_line_names_the_rules_it_went_under() -> None:
    text = exported(facts(), facts(destination_id=2), facts(config_version=9))

    applied = [(row["project"], row["profile"], len(row["rules"])) for row in rows(text)]
    assert applied == [("'=P", "basic", 16), ("", "", 0), ("", "", 0)]


def test_nothing_found_is_a_heading() -> None:
    assert exported() == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_value_never_computes(sign: str) -> None:
    text = exported(facts(patient_id=f'{sign}HYPERLINK("x")', node="-1"))

    (row,) = rows(text)
    assert row["patient_id"] == f'\'{sign}HYPERLINK("x")'
    assert row["node"] == "'-1"


@pytest.mark.parametrize("delimiter, quote", [(";", '"'), ("\t", "'"), ("|", "~")])
def test_values_come_back_whatever_the_dialect(delimiter: str, quote: str) -> None:
    awkward = f"a{delimiter}b{quote}c\r\nd,\"'"

    text = exported(facts(reason=awkward), delimiter=delimiter, quote=quote)

    (row,) = rows(text, delimiter=delimiter, quotechar=quote)
    assert row["reason"] == awkward


@pytest.mark.parametrize("delimiter, quote", [("", '"'), (",,", '"'), ("a", '"'), ("\n", '"'), (";", ";"), (";", "")])
def test_a_dialect_that_could_not_be_read_back_is_declined(delimiter: str, quote: str) -> None:
    with pytest.raises(Declined):
        exported(delimiter=delimiter, quote=quote)


def test_an_export_is_never_all_in_memory() -> None:
    asked = 0

    def endless() -> object:
        nonlocal asked
        while True:
            asked += 1
            yield facts()

    lines = csv_of(endless(), RuleBook(Store()))  # type: ignore[arg-type]
    next(lines)
    next(lines)

    assert asked <= 1000
