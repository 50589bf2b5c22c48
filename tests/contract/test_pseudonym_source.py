"""What every source of pseudonyms promises; the table in both databases, the service over real connections."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import pytest

from philae.admin.pseudonyms import Patient
from philae.config.web_services import WebServiceSettings
from philae.deid.errors import DeidError
from philae.deid.profile import Project
from philae.dicom.scan import Encoded
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from philae.pipeline.ports import PseudonymSource
from philae.pseudonyms.api import Api, ApiSettings
from philae.pseudonyms.derived import Derived, DerivedSettings
from philae.pseudonyms.in_tag import InTag, InTagSettings
from philae.pseudonyms.table import Table, TableSettings
from philae.pseudonyms.web_services import answer
from philae.store.database import Database, sqlite_url
from philae.store.pseudonyms import SqlPseudonyms
from philae.store.schema import migrate
from philae.store.tables import metadata
from tests.support.postgres import empty_tables
from tests.support.scripted_http import Asked, Reply, of_type, scripted
from tests.support.trees import Element, encode, encoded, text

PROJECT = Project("Trial", bytes(range(16)))
SECOND = "Müller 7/#?"
KNOWN = {"MUSTER-1": "STUDY-001", SECOND: "STUDY-002"}
STRANGER = "NOBODY-KNOWS"


def dataset(patient_id: str, syntax: TransferSyntax = EXPLICIT_LE) -> Encoded:
    """A patient with the pseudonym of the sender's choice in Clinical Trial Subject ID, if they have one."""
    raw = patient_id.encode()
    tree = [
        text(0x00080005, "CS", "ISO_IR 192"),
        Element(0x00100020, "LO", raw + b" " * (len(raw) % 2)),
        text(0x00120040, "LO", KNOWN.get(patient_id, "")),
    ]
    if syntax is not DEFLATED_LE:
        return encoded(tree, syntax)
    stream = zlib.compressobj(wbits=-15)
    deflated = stream.compress(encode(tree)) + stream.flush()
    return Encoded(deflated, 0, len(deflated), DEFLATED_LE)


def service(_number: int, asked: Asked) -> Reply:
    found = KNOWN.get(unquote(asked.path.rsplit("/", 1)[1]))
    return of_type("application/json", f'{{"pseudonym": "{found}"}}') if found else Reply(404)


@contextmanager
def api_source() -> Iterator[PseudonymSource]:
    with scripted(service) as server:
        url = f"http://127.0.0.1:{server.port}/patients/{{{{ getString(#Tag.PatientID) }}}}"
        asking = partial(answer, WebServiceSettings(allowed_hosts=("127.0.0.1",)))
        yield Api(ApiSettings(url=url, response_path="/pseudonym"), asking)


@contextmanager
def table_source(url: str) -> Iterator[PseudonymSource]:
    database = Database(url)
    migrate(database)
    if not database.is_sqlite:
        empty_tables(url, metadata)
    rows = SqlPseudonyms(database)
    rows.add("Trial", [Patient(patient_id, pseudonym) for patient_id, pseudonym in KNOWN.items()], None)
    yield Table(TableSettings(), PROJECT, rows)
    database.close()


@pytest.fixture(params=["derived", "in_tag", "table in SQLite", "table in PostgreSQL", "api"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PseudonymSource]:
    match request.param:
        case "derived":
            yield Derived(DerivedSettings(), PROJECT)
        case "in_tag":
            yield InTag(InTagSettings(tag="(0012,0040)"), PROJECT)
        case "api":
            with api_source() as found:
                yield found
        case "table in SQLite":
            with table_source(sqlite_url(tmp_path / "philae.db")) as found:
                yield found
        case _:
            with table_source(request.getfixturevalue("postgres_url")) as found:
                yield found


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE, DEFLATED_LE], ids=lambda each: each.name)
def test_a_patient_has_one_pseudonym_however_the_dataset_is_written(
    source: PseudonymSource, syntax: TransferSyntax
) -> None:
    first, again = source.pseudonym(dataset("MUSTER-1")), source.pseudonym(dataset("MUSTER-1", syntax))

    assert first == again != ""
    assert "MUSTER" not in first


def test_patients_are_told_apart_whatever_characters_their_ids_have(source: PseudonymSource) -> None:
    assert len({source.pseudonym(dataset(patient_id)) for patient_id in KNOWN}) == len(KNOWN)


def test_an_unknown_patient_is_an_error_that_tells_no_value(source: PseudonymSource) -> None:
    stranger = dataset("" if isinstance(source, Derived) else STRANGER)

    with pytest.raises(DeidError) as refused:
        source.pseudonym(stranger)

    assert STRANGER not in str(refused.value)
    assert "STUDY" not in str(refused.value)


def test_what_is_no_dataset_is_an_error_of_the_instance(source: PseudonymSource) -> None:
    from philae.dicom.scan import MalformedDataset

    broken = Encoded(b"\x08\x00\x05\x00CS\xff\xff", 0, 8, EXPLICIT_LE)

    with pytest.raises((DeidError, MalformedDataset)):
        source.pseudonym(broken)
