"""Every page, in both themes: nothing that axe finds, nothing on the console, nothing from other hosts."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import BrowserContext, Page, expect

PAGES = (
    "/",
    "/monitoring",
    "/monitoring?status=error",
    "/monitoring?view=tree",
    "/monitoring?view=charts",
    "/nodes",
    "/node?name=PHILAE",
    "/node/new",
    "/node/delete?name=PHILAE",
    "/destination?id=1",
    "/destination/edit?id=1",
    "/destination/delete?id=1",
    "/destination/new?node=PHILAE",
    "/destination/new?node=PHILAE&kind=stow",
    "/profiles",
    "/profile?name=Basic",
    "/profile/new",
    "/profile?name=Dicom%20Basic%20Profile",
    "/profile/build?name=Basic",
    "/profile/history?name=Basic",
    "/profile/tags?q=patient",
    "/profile/try?project=Trial",
    "/destination/condition?condition=true%20and",
    "/destination/sop-classes?q=ct",
    "/projects",
    "/project?name=Trial",
    "/project/edit?name=Trial",
    "/pseudonyms",
    "/pseudonyms/clear?project=Trial",
    "/mapping",
    "/authentications",
    "/authentication/new",
    "/tools",
    "/tools/worklist",
    "/tools/dicomweb",
    "/tools/monitor",
    "/tools/book/nodes",
    "/tools/book/endpoints",
    "/users",
    "/user?name=anna",
    "/tokens",
    "/audit",
    "/configuration",
    "/configuration/history",
    "/configuration/version?number=1",
    "/system",
    "/help",
    "/first-steps",
    "/account",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible_in_both_themes(context: BrowserContext, page: Page, base_url: str, theme: str) -> None:
    context.add_cookies([{"name": "philae_theme", "value": theme, "url": base_url}])
    findings: list[str] = []

    for path in PAGES:
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        answer = Axe().run(page).response
        findings += [f"{path}: {found['id']}: {found['nodes'][0]['html']}" for found in answer["violations"]]

    assert findings == []


def test_pages_work_in_french(context: BrowserContext, page: Page, base_url: str) -> None:
    context.add_cookies([{"name": "philae_language", "value": "fr", "url": base_url}])

    page.goto("/monitoring")

    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", name="Surveillance")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1360])
def test_pages_do_not_scroll_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    too_wide = []

    for path in (
        "/",
        "/monitoring",
        "/monitoring?view=tree",
        "/monitoring?view=charts",
        "/node?name=PHILAE",
        "/destination?id=1",
        "/users",
    ):
        page.goto(path)
        found = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        too_wide += [path] if found[0] > found[1] else []

    assert too_wide == []


def test_everything_is_reached_without_script(context: BrowserContext, base_url: str, state: object) -> None:
    assert context.browser is not None
    plain = context.browser.new_context(base_url=base_url, storage_state=state, java_script_enabled=False)  # type: ignore[arg-type]
    page = plain.new_page()

    page.goto("/node/new")
    page.get_by_label("AE title").fill("NOSCRIPT")
    page.get_by_role("button", name="Create").click()

    expect(page.get_by_role("heading", name="NOSCRIPT")).to_be_visible()
    plain.close()
