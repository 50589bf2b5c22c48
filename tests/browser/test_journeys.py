"""What people come for, from the first click to what they wanted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import deliver
from tests.support.gateway import Gateway
from tests.support.oidc import Provider
from tests.support.scans import scans
from tests.support.senders import send


def test_a_new_destination_gets_what_arrives_next(page: Page, gateway: Gateway, folder: Path) -> None:
    page.goto("/nodes")
    page.get_by_role("link", name="New forward node").click()
    page.get_by_label("AE title").fill("JOURNEY")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="New destination").click()
    page.get_by_role("link", name="Folder").click()
    page.get_by_label("Name", exact=True).fill("share")
    page.get_by_label("Folder", exact=True).fill(str(folder))
    page.get_by_role("group", name="De-identification").get_by_label("Project").select_option("Trial")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Created.")).to_be_visible()

    deliver(gateway, scans(folder.parent / "sent"), "JOURNEY")

    page.goto("/monitoring?node=JOURNEY")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody .state-sent")).to_be_visible()
    assert len(list(folder.rglob("*.dcm"))) == 1


def test_home_follows_what_arrives_without_being_reloaded(page: Page, gateway: Gateway, tmp_path: Path) -> None:
    page.goto("/")
    accepted = page.locator(".identity-total dd").first
    before = int(accepted.inner_text())

    send(gateway.port, [each.path for each in scans(tmp_path / "more", slices=2)])

    expect(accepted).to_have_text(str(before + 2))
    expect(page.get_by_text("Every delivery is accounted for")).to_be_visible()


def test_newer_deliveries_are_told_and_what_is_read_stays(page: Page, gateway: Gateway, tmp_path: Path) -> None:
    page.goto("/monitoring")
    expect(page.locator("[data-live]")).to_be_hidden()
    first = page.locator("tbody tr").first.inner_text()

    send(gateway.port, [each.path for each in scans(tmp_path / "newer")])

    expect(page.get_by_text("1 newer deliveries")).to_be_visible()
    assert page.locator("tbody tr").first.inner_text() == first
    page.get_by_role("link", name="Show them").click()
    expect(page.locator("[data-live]")).to_be_hidden()
    assert page.locator("tbody tr").first.inner_text() != first


def test_five_steps_lead_to_a_first_image(page: Page, tmp_path: Path) -> None:
    page.goto("/first-steps")
    page.get_by_label("Name of the project").fill("Journey")
    page.get_by_label("AE title", exact=True).fill("FIRST")
    page.get_by_label("Folder", exact=True).fill(str(tmp_path / "first"))
    page.get_by_role("button", name="Create all of it").click()
    page.get_by_role("button", name="Send a test image").click()

    expect(page.locator("main .state-sent")).to_be_visible()
    assert len(list((tmp_path / "first").rglob("*.dcm"))) == 1
    page.get_by_role("link", name="As it came and as it left").click()
    expect(page.get_by_role("row", name=re.compile("^Patient ID"))).to_be_visible()


def test_an_old_version_of_the_configuration_comes_back(page: Page) -> None:
    page.goto("/node/new")
    page.get_by_label("AE title").fill("MISTAKE")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="MISTAKE")).to_be_visible()

    page.goto("/configuration/history")
    page.locator("tbody a").nth(1).click()
    expect(page.locator(".diff-del", has_text="MISTAKE")).to_be_visible()
    page.get_by_role("button", name="Go back to this version").click()

    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto("/nodes")
    expect(page.get_by_role("link", name="PHILAE")).not_to_have_count(0)
    expect(page.get_by_role("link", name="MISTAKE")).to_have_count(0)


def test_a_held_instance_is_found_and_given_up_for_a_reason(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Look at them").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a").first.click()
    expect(page.get_by_text("What to do")).to_be_visible()

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Why it is given up").fill("a phantom, sent by mistake")
    page.get_by_role("button", name="Give up").click()

    expect(page.get_by_text("The deliveries were given up.")).to_be_visible()
    expect(page.get_by_text("a phantom, sent by mistake")).to_be_visible()


def test_the_test_button_tells_how_a_destination_is(page: Page) -> None:
    page.goto("/destination?id=1")

    page.get_by_role("button", name="Test").click()

    expect(page.get_by_role("heading", name="What the test found")).to_be_visible()
    expect(page.locator("#findings tbody tr").first).to_be_visible()


def test_a_theme_that_is_chosen_stays(page: Page) -> None:
    page.goto("/")

    page.get_by_label("Colours").select_option("dark")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/nodes")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_times_are_told_in_the_zone_of_the_browser(page: Page) -> None:
    page.goto("/account")

    moment = page.locator("time").first

    expect(moment).not_to_contain_text("UTC")
    expect(moment).to_have_attribute("title", re.compile(r"UTC$"))


def test_times_are_asked_for_in_the_zone_of_the_browser(browser: Browser, base_url: str, state: Any) -> None:
    tokyo = browser.new_context(base_url=base_url, locale="en-GB", timezone_id="Asia/Tokyo", storage_state=state)
    page = tokyo.new_page()

    page.goto("/monitoring")
    since = page.get_by_label("From (Asia/Tokyo)")
    since.fill("2026-01-02T08:30:00")
    expect(since).to_have_attribute("title", "2026-01-01 23:30:00 UTC")
    page.get_by_role("button", name="Search").click()

    expect(page).to_have_url(re.compile("since=2026-01-01T23%3A30%3A00Z"))
    expect(since).to_have_value(re.compile("^2026-01-02T08:30"))
    expect(page.locator("form[action$='export.csv'] [name=since]")).to_have_value("2026-01-01T23:30:00Z")
    tokyo.close()


def test_the_provider_lets_in_and_out(browser: Browser, base_url: str, provider: Provider, state: object) -> None:
    context = browser.new_context(base_url=base_url, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)

    page.goto("/audit")
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.get_by_role("link", name="Sign in as frieda").click()
    expect(page.get_by_role("heading", name="Audit trail")).to_be_visible()
    expect(page.get_by_role("cell", name="user frieda").first).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert [each["client_id"] for each in provider.signed_out] == ["philae"]
    assert complaints == []
    context.close()


def test_signing_out_closes_the_door(page: Page, state: object) -> None:
    page.goto("/users")
    page.get_by_label("Name", exact=True).fill("leaving")
    page.get_by_label("user", exact=True).check()
    page.get_by_label("Password", exact=True).fill("a long one for leaving")
    page.get_by_label("The same password again").fill("a long one for leaving")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name="leaving")).to_be_visible()

    page.context.clear_cookies()
    page.goto("/")
    page.get_by_label("Name").fill("leaving")
    page.get_by_label("Password").fill("a long one for leaving")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Gateway")).to_have_count(0)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/")

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_list_grows_shorter_while_one_types(page: Page) -> None:
    page.goto("/nodes")
    found = page.locator("#nodes a.fw-bold")
    expect(found.filter(has_text="HOLDING")).to_be_visible()

    page.get_by_role("searchbox").press_sequentially("holding")

    expect(found.filter(has_text="PHILAE")).to_have_count(0)
    expect(found).to_have_text(["HOLDING"])
    page.get_by_role("searchbox").press_sequentially(" nowhere")
    expect(page.get_by_text("Nothing here holds what you typed.")).to_be_visible()
