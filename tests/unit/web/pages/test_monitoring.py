"""What people find in Monitoring, and what they do about what stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.deid.errors import NotInTable
from philae.dicom.identify import Identifiers
from philae.pipeline.outcome import State
from philae.store.ledger import SqlLedger
from philae.web.gateway import Gateway
from tests.support.documents import document, node, to_folder
from tests.support.ledger_rows import arrived, deliver
from tests.support.web import signed_in, web_gateway

STUDY, SENT_STUDY = "1.9.100", "2.25.4711"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """Eight deliveries sent, two held, one failed; all of one study but the oldest."""
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out")))) as gateway:
        ledger = gateway.ledger
        assert isinstance(ledger, SqlLedger)
        sent = Identifiers(sop_instance_uid="2.25.1", study_instance_uid=SENT_STUDY, patient_id="PSEUDO")
        for minute in range(8):
            study = STUDY if minute else "1.9.99"
            deliver(ledger, arrived(minute, study_instance_uid=study, patient_id="HOSP-1"), sent=sent)
        for minute, state in ((8, State.HELD), (9, State.HELD), (10, State.FAILED)):
            deliver(ledger, arrived(minute, study_instance_uid=STUDY), state, code="NotInTable")
        yield gateway


@pytest.fixture
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def rows(text: str) -> int:
    return len(re.findall(r"<tr>.*?/delivery\?name=", text, re.DOTALL))


def link(text: str, words: str) -> str:
    found = re.search(rf'href="([^"]+)">\s*{words}', text)
    assert found is not None, words
    return unescape(found[1])


def test_pages_follow_each_other_without_a_gap_and_lead_back_to_the_newest(anna: TestClient) -> None:
    first = anna.get("/monitoring?limit=6").text
    second = anna.get(link(first, "Older")).text

    keys = re.findall(r"/delivery\?name=([0-9a-f]+-1)", first + second)
    assert len(keys) == len(set(keys)) == 11
    assert "Older" not in second
    assert link(second, "Newest") == "/monitoring?limit=6"


def test_a_study_is_found_as_it_came_and_as_it_left(anna: TestClient) -> None:
    assert "10 deliveries" in anna.get(f"/monitoring?study={STUDY}").text
    assert "8 deliveries" in anna.get(f"/monitoring?study={SENT_STUDY}").text


def test_the_tree_opens_where_a_person_is_needed(anna: TestClient) -> None:
    text = anna.get("/monitoring?view=tree").text

    assert text.count('<details class="branch"') == 1 + 2 + 2
    assert re.search(rf'<details class="branch" open>\s*<summary>(?:(?!</summary>).)*{STUDY}', text, re.DOTALL)
    assert f"→ {SENT_STUDY}" in text
    assert rows(anna.get(link(text, "All of this study").replace("view=tree", "view=list")).text) == 10


def test_charts_count_what_ended_and_follow_the_filters(anna: TestClient) -> None:
    every, none = anna.get("/monitoring?view=charts").text, anna.get("/monitoring?view=charts&destination=other").text

    assert "delivered 8" in every
    assert "held or failed 3" in every
    assert 'class="bar-stopped"' in every
    assert "delivered 0" in none
    assert "<rect" not in none


def test_the_export_takes_the_filters_of_the_page_and_the_dialect_that_is_chosen(anna: TestClient) -> None:
    text = anna.get("/monitoring?status=held&range=30d&since=2026-01-01T00:08").text
    form = re.search(r'action="/api/v1/deliveries/export.csv">.*?</form>', text, re.DOTALL)
    assert form is None, "nothing that old was received within 30 days"

    text = anna.get("/monitoring?status=held&since=2026-01-01T00:09").text
    form = re.search(r'action="/api/v1/deliveries/export.csv">.*?</form>', text, re.DOTALL)
    assert form is not None
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    answer = anna.get("/api/v1/deliveries/export.csv", params={**hidden, "delimiter": ";", "quote": "'"})

    assert hidden == {"since": "2026-01-01T00:09:00Z", "status": "held"}
    assert answer.text.count("\r\n") == 2
    assert ";held;NotInTable;" in answer.text


@pytest.mark.parametrize("typed", ["yesterday", "20260131", "-27", "1e9"])
def test_a_filter_that_is_wrong_is_told_and_kept(anna: TestClient, typed: str) -> None:
    answer = anna.get(f"/monitoring?since={typed}&node=PHILAE")

    assert answer.status_code == 422
    assert "since: write a date and a time, such as 2026-01-31T08:00:00Z" in answer.text
    assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize("asked", ["2026-01-01T00:09", "2026-01-01T00:09:00Z", "2026-01-01T02:09:00%2B02:00"])
def test_a_moment_is_shown_in_utc_however_it_was_asked_for(anna: TestClient, asked: str) -> None:
    text = anna.get(f"/monitoring?since={asked}").text

    assert 'value="2026-01-01T00:09:00" autocomplete="off" data-utc' in text
    assert rows(text) == 2


def test_what_the_filters_find_goes_on_and_the_page_stays_as_it_was_asked(gateway: Gateway, anna: TestClient) -> None:
    answer = anna.post("/monitoring/act?status=held&view=tree", data={"all": "on", "act": "go"})

    assert parse_qs(urlsplit(answer.headers["location"]).query) == {
        "status": ["held"],
        "view": ["tree"],
        "done": ["requeued"],
    }
    states = gateway.standing().deliveries.by_state
    assert [states[state] for state in (State.QUEUED, State.HELD, State.FAILED)] == [2, 0, 1]


def test_ticked_deliveries_are_given_up_for_a_reason_only(gateway: Gateway, anna: TestClient) -> None:
    ticked = re.findall(r'name="delivery" value="([^"]+)"', anna.get("/monitoring?status=error").text)
    assert len(ticked) == 3

    refused = anna.post("/monitoring/act", data={"delivery": ticked[0], "act": "discard", "reason": " "})
    done = anna.post("/monitoring/act", data={"delivery": ticked[0], "act": "discard", "reason": "a phantom"})

    assert (refused.status_code, done.status_code) == (409, 303)
    assert gateway.standing().deliveries.by_state[State.EXCLUDED] == 1


def test_a_french_visitor_reads_in_french_why_a_delivery_is_held_and_what_to_do(
    gateway: Gateway, anna: TestClient
) -> None:
    assert isinstance(gateway.ledger, SqlLedger)
    deliver(gateway.ledger, arrived(11), State.HELD, code="NotInTable", reason=NotInTable.words("Trial"))
    anna.headers["accept-language"] = "fr"

    held = unescape(anna.get("/monitoring?status=held").text)
    page = unescape(anna.get(re.findall(r"/delivery\?name=[0-9a-f]+-1", held)[0]).text)

    why = "la table du projet 'Trial' n\u2019a pas de pseudonyme pour ce patient ; ajoutez-le et l\u2019envoi reprend"
    assert why in held
    assert why in page
    assert "ajoutez le patient à la table du projet ; l\u2019envoi reprend de lui-même" in page


def test_a_search_by_what_identifies_is_audited_without_what_was_searched(gateway: Gateway, anna: TestClient) -> None:
    anna.get(f"/monitoring?study={STUDY}&patient=HOSP-1")

    _, event = gateway.audit.events(before=None, limit=1)[0]
    assert (event.actor, event.action, event.subject) == ("user anna", "deliveries.searched", "by study, patient")
    assert STUDY not in repr(event)


def test_the_page_knows_what_it_has_not_shown_yet(anna: TestClient) -> None:
    first = anna.get("/monitoring?limit=6").text

    assert 'data-live="deliveries" data-opened="11" hidden' in first
    assert "data-opened" not in anna.get(link(first, "Older")).text
