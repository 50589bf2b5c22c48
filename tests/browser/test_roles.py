"""What the roles are offered, and what they are told who go further."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, add, deliver, sign_in
from tests.support.gateway import Gateway
from tests.support.scans import Scan, scans

CHANGING = re.compile("Let go on|Give up|Release|Try again")


@pytest.fixture
def held(page: Page, gateway: Gateway, tmp_path: Path) -> Iterator[Scan]:
    """An instance that needs a person; given up in the end."""
    (scan,) = held = scans(tmp_path / "guarded")
    deliver(gateway, held, "HOLDING")
    yield scan
    doomed = {"filters": {"patient": scan.slots.patient_id, "status": ["held"]}, "reason": "the test is over"}
    assert page.request.post("/api/v1/deliveries/discard", data=doomed).ok


@pytest.fixture
def somebody(page: Page, browser: Browser, base_url: str) -> Iterator[Callable[[str], Page]]:
    """Signs in a new person with this role, in a browser of her own."""
    contexts: list[BrowserContext] = []

    def signed_in(role: str) -> Page:
        add(page, "users", name=f"only {role}", password=PASSWORD, roles=[role])
        contexts.append(browser.new_context(base_url=base_url, locale="en-GB"))
        own = contexts[-1].new_page()
        own.goto("/")
        sign_in(own, f"only {role}")
        expect(own.get_by_text("Every delivery is accounted for")).to_be_visible()
        return own

    yield signed_in
    for each in contexts:
        each.close()


def offered(page: Page) -> list[str]:
    """The entries of the menu."""
    return [each.strip() for each in page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()]


def assert_refused(page: Page, path: str, role: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", name="Your role does not allow this")).to_be_visible()
    expect(page.get_by_text(f"it takes the role {role}; an administrator gives it")).to_be_visible()
    expect(page.get_by_role("link", name="To the first page")).to_be_visible()


def test_a_user_keeps_pseudonyms_and_sees_no_patient_of_a_delivery(
    page: Page, held: Scan, somebody: Callable[[str], Page]
) -> None:
    page.goto(f"/monitoring?patient={held.slots.patient_id}&status=held")
    delivery = page.locator("tbody a").get_attribute("href") or ""

    own = somebody("user")

    assert offered(own) == ["Home", "External pseudonyms"]
    expect(own.get_by_role("row", name="needs a person").first).to_be_visible()
    expect(own.locator("main a")).to_have_count(0)
    assert held.slots.patient_id not in own.content()
    for path in (delivery, f"/monitoring?patient={held.slots.patient_id}", "/api/v1/deliveries", "/mapping"):
        assert_refused(own, path, "administrator or investigator")
        assert held.uid not in own.content()
    for path in ("/nodes", "/node?name=PHILAE", "/destination/edit?id=1", "/users", "/audit", "/configuration"):
        assert_refused(own, path, "administrator")
    own.goto("/pseudonyms?project=Trial")
    expect(own.get_by_role("button", name="Add patient")).to_be_visible()


def test_an_investigator_sees_patients_and_changes_nothing(held: Scan, somebody: Callable[[str], Page]) -> None:
    own = somebody("investigator")

    assert offered(own) == ["Home", "Monitoring", "Pseudonym mapping"]
    own.goto(f"/monitoring?patient={held.slots.patient_id}&status=held")
    expect(own.locator("tbody tr")).to_contain_text([held.uid])
    expect(own.get_by_role("checkbox")).to_have_count(0)
    expect(own.get_by_role("button", name=CHANGING)).to_have_count(0)
    own.locator("tbody a").click()
    expect(own.get_by_role("heading", name="As it came and as it left")).to_be_visible()
    expect(own.get_by_role("cell", name=held.slots.patient_id)).to_be_visible()
    expect(own.get_by_role("button", name=CHANGING)).to_have_count(0)
    assert own.request.post(own.url, form={"act": "go"}).status == 403
    for path in ("/nodes", "/profiles", "/users"):
        assert_refused(own, path, "administrator")
    assert_refused(own, "/pseudonyms?project=Trial", "administrator or user")
