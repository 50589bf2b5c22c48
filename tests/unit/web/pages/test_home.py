"""The first page, and the stream that keeps it fresh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from philae.admin.users import Role
from philae.dicom.commitment import Reference
from philae.pipeline.circuit import Trouble
from philae.pipeline.outcome import State
from philae.store.ledger import SqlLedger
from philae.web.gateway import Gateway
from tests.support.documents import document, node, to_folder
from tests.support.ledger_rows import BEGIN, arrived, deliver
from tests.support.web import signed_in, web_gateway


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out")))) as gateway:
        ledger = gateway.ledger
        assert isinstance(ledger, SqlLedger)
        for minute, state in enumerate([State.SENT, State.SENT, State.HELD, State.QUEUED]):
            deliver(ledger, arrived(minute), state, code="NotInTable" if state is State.HELD else "")
        yield gateway


def test_a_destination_is_a_row_with_how_it_goes(gateway: Gateway) -> None:
    text = signed_in(gateway, Role.ADMIN).get("/").text

    row = re.search(r'<td class="place">.*?</tr>', text, re.DOTALL)
    assert row is not None
    assert "local in the last 24 hours: 2 delivered, 1 held or failed" in row[0]
    assert "needs a person" in row[0]
    assert re.search(r'href="/delivery\?name=[0-9a-f]+-1">NotInTable<', row[0])
    assert '<rect class="bar-delivered"' in row[0]
    assert '<rect class="bar-stopped"' in row[0]


def test_what_an_archive_has_not_committed_itself_to_stands_beside_what_was_sent(gateway: Gateway) -> None:
    assert isinstance(gateway.ledger, SqlLedger)
    before = signed_in(gateway, Role.ADMIN).get("/").text

    deliver(gateway.ledger, arrived(9), State.SENT, uncommitted=Reference("1.2", "1.2.3"))

    assert "2 not committed" in signed_in(gateway, Role.ADMIN, name="berta").get("/").text
    assert "not committed" not in before


def test_a_french_visitor_reads_in_french_why_a_destination_is_out_of_reach(gateway: Gateway) -> None:
    assert isinstance(gateway.ledger, SqlLedger)
    why = "cannot write below /out: No space left on device"
    gateway.ledger.note_contact(1, Trouble(why, BEGIN, BEGIN))
    browser = signed_in(gateway, Role.ADMIN)

    english = browser.get("/").text
    french = browser.get("/", headers={"accept-language": "fr"}).text

    assert why in english
    assert "écriture impossible sous /out : plus de place sur le disque" in french
    assert why not in french


def test_who_may_not_see_deliveries_gets_no_link_to_them(gateway: Gateway) -> None:
    text = signed_in(gateway, Role.USER).get("/").text

    assert "NotInTable" in text
    assert "/delivery" not in text
    assert "/monitoring" not in text


def test_the_stream_tells_what_a_page_asks_for(gateway: Gateway) -> None:
    browser = signed_in(gateway, Role.ADMIN)

    counts = browser.get("/live/events")
    standing = browser.get("/live/events?part=standing")

    assert counts.headers["content-type"].startswith("text/event-stream")
    assert counts.text.endswith("event: opened\ndata: 4\n\n")
    assert "event: standing\ndata: " in standing.text
    assert "data:     <tr class" in standing.text
    assert "<!doctype" not in standing.text
