from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from philae.admin.declined import Declined
from philae.admin.deliveries import Facts, Row
from philae.admin.deliveries_csv import COLUMNS, csv_of
from philae.admin.deliveries_rules import RuleBook
from philae.config.configuration import Configuration
from philae.config.deidentify import Deidentify
from philae.config.project import ProjectSettings, StoredProfile
from philae.pipeline.outcome import State
from philae.pseudonyms.derived import DerivedSettings as Derived
from philae.store.moments import microseconds
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


def exported(*found: Row, delimiter: str = ",", quote: str = '"') -> str:
    return "".join(csv_of([found], RuleBook(Store()), delimiter, quote))


def row(**changes: object) -> Row:
    numbers = {"instance_id": 255, "destination_id": 1, "attempts": 0, "size": 10, "config_version": 1}
    moments = {"received_at": microseconds(AT), "changed_at": microseconds(AT), "not_before": 0}
    return list({**BLANK, **numbers, **moments, "state": int(State.SENT), **changes}.values())


def rows(text: str, **dialect: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline=""), **dialect))  # type: ignore[call-overload]


def test_each_delivery_is_a_line_below_the_heading() -> None:
    text = exported(row(code="0000H"), row(not_before=microseconds(AT), state=int(State.QUEUED)))

    first, second = rows(text)
    assert tuple(first) == COLUMNS
    assert (first["received_at"], first["state"], first["code"]) == ("2026-03-04 05:06:07.890+00:00", "sent", "0000H")
    assert (first["not_before"], second["not_before"]) == ("", "2026-03-04 05:06:07.890+00:00")


def test_each_line_names_the_rules_it_went_under() -> None:
    text = exported(row(), row(destination_id=2), row(config_version=9))

    applied = [(row["project"], row["profile"], len(row["rules"])) for row in rows(text)]
    assert applied == [("'=P", "basic", 16), ("", "", 0), ("", "", 0)]


def test_nothing_found_is_a_heading() -> None:
    assert "".join(csv_of([], RuleBook(Store()))) == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("at", [datetime(1971, 1, 1, tzinfo=UTC), AT, datetime(2199, 12, 31, 23, 59, 59, 999999, UTC)])
def test_moments_are_written_as_iso_8601_has_them(at: datetime) -> None:
    (found,) = rows(exported(row(received_at=microseconds(at))))

    assert found["received_at"] == at.isoformat(" ", "milliseconds")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_value_never_computes(sign: str) -> None:
    text = exported(row(patient_id=f'{sign}HYPERLINK("x")', node="-1"))

    (found,) = rows(text)
    assert found["patient_id"] == f'\'{sign}HYPERLINK("x")'
    assert found["node"] == "'-1"


@pytest.mark.parametrize("delimiter, quote", [(";", '"'), ("\t", "'"), ("|", "~")])
def test_values_come_back_whatever_the_dialect(delimiter: str, quote: str) -> None:
    awkward = f"a{delimiter}b{quote}c\r\nd,\"'"

    text = exported(row(reason=awkward), delimiter=delimiter, quote=quote)

    (found,) = rows(text, delimiter=delimiter, quotechar=quote)
    assert found["reason"] == awkward


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
            yield [row()]

    lines = csv_of(endless(), RuleBook(Store()))  # type: ignore[arg-type]
    next(lines)
    next(lines)

    assert asked <= 2
