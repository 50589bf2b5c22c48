"""Every page, in both themes: nothing that axe finds, nothing on the console, nothing from other hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, BrowserContext, Page, expect

from philae.web.server import create_app
from tests.browser.conftest import PASSWORD
from tests.support.web import routes, web_gateway

FIRST_LOAD = 300_000
"""Bytes on the wire until somebody who was never here sees the first page."""

PAGES = (
    "/",
    "/monitoring",
    "/monitoring?status=error",
    "/monitoring?view=tree",
    "/monitoring?view=charts",
    "/delivery?name={delivery}",
    "/nodes",
    "/node?name=PHILAE",
    "/node/new",
    "/node?name=PHILAE&tab=sources",
    "/node?name=PHILAE&tab=settings",
    "/node/sources/add?name=PHILAE",
    "/node/sources/edit?name=LISTED&source=CT1",
    "/node/delete?name=PHILAE",
    "/destination?id=1",
    "/destination/edit?id=1",
    "/destination/delete?id=1",
    "/destination/new?node=PHILAE",
    "/destination/new?node=PHILAE&kind=stow",
    "/profiles",
    "/profile?name=Basic",
    "/profile/new",
    "/profile/edit?name=Basic",
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
    "/project/new",
    "/pseudonyms",
    "/pseudonyms/clear?project=Trial",
    "/pseudonym?project=Trial&id={row}",
    "/mapping",
    "/authentications",
    "/authentication/new",
    "/authentication/delete?name=listed",
    "/tools",
    "/tools/worklist",
    "/tools/dicomweb",
    "/tools/monitor",
    "/tools/book/nodes",
    "/tools/book/nodes/{entry}",
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
    "/first-steps/image?node=PHILAE",
    "/account",
    "/sign-in",
)
TOO_WIDE = "() => document.documentElement.scrollWidth > window.innerWidth"
CUT_OFF = """() => window.innerWidth >= 1280
    && [...document.querySelectorAll(".table-responsive")].some(each => each.scrollWidth > each.clientWidth)"""
"""On a telephone tables may scroll; on a screen their last column must be seen."""


NO_PAGES = re.compile(r"/(api/|live/|healthz|readyz|metrics|sign-in/provider|set-up/)|.*(/download|\.csv)$")
"""For programs, files, or over when the first administrator is there."""


@pytest.fixture
def furnished(context: BrowserContext) -> Iterator[dict[str, str]]:
    """What some pages are about, by the name in their address; gone afterwards."""
    api, table = context.request, "/api/v1/projects/Trial/pseudonyms"
    granting = {"token_url": "https://login.example.org/token", "client_id": "philae", "client_secret": "kept"}
    node: dict[str, str | float | bool] = {"ae_title": "CT1", "hostname": "10.0.0.5", "port": "104"}
    answers = [
        api.post("/api/v1/nodes", data={"ae_title": "LISTED", "sources": [{"ae_title": "CT1"}]}),
        api.post("/api/v1/authentications", data={"name": "listed", **granting}),
        api.post(table, data={"patient_id": "17", "pseudonym": "P-1"}),
        api.post("/tools/book/nodes", form=node),
    ]
    assert [each.status for each in answers] == [201, 201, 201, 200]
    row = str(api.get(table).json()["rows"][0]["number"])
    entry = re.findall(r"/tools/book/nodes/(\d+)", api.get("/tools/book/nodes").text())[0]
    delivery = api.get("/api/v1/deliveries?limit=1").json()["deliveries"][0]["name"]
    yield {"row": row, "entry": entry, "delivery": delivery}
    api.post("/tools/book/nodes/delete", form={"only": entry})
    for path in (table, "/api/v1/authentications/listed", "/api/v1/nodes/LISTED"):
        assert api.delete(path).ok


@pytest.mark.parametrize("theme,language,width", [("light", "fr", 360), ("dark", "en", 1280)])
def test_every_page_is_accessible_and_fits(
    context: BrowserContext,
    page: Page,
    base_url: str,
    furnished: dict[str, str],
    theme: str,
    language: str,
    width: int,
) -> None:
    chosen = {"philae_theme": theme, "philae_language": language}
    context.add_cookies([{"name": name, "value": value, "url": base_url} for name, value in chosen.items()])
    page.set_viewport_size({"width": width, "height": 800})
    findings: list[str] = []

    for path in PAGES:
        page.goto(path.format(**furnished))
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        expect(page.locator("html")).to_have_attribute("lang", language)
        answer = Axe().run(page).response
        findings += [f"{path}: {found['id']}: {found['nodes'][0]['html']}" for found in answer["violations"]]
        findings += [f"{path}: scrolls sideways"] if page.evaluate(TOO_WIDE) else []
        findings += [f"{path}: a table is cut off"] if page.evaluate(CUT_OFF) else []

    assert findings == []


def test_every_page_is_among_those_that_are_looked_at(tmp_path: Path) -> None:
    with web_gateway(tmp_path) as gateway:
        shown = {path for method, path in routes(create_app(gateway)) if method == "GET" and not NO_PAGES.match(path)}
    looked_at = [path.partition("?")[0] for path in PAGES]

    missing = [
        path for path in shown if not any(re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), each) for each in looked_at)
    ]

    assert missing == []


def test_pages_work_in_french(context: BrowserContext, page: Page, base_url: str) -> None:
    context.add_cookies([{"name": "philae_language", "value": "fr", "url": base_url}])

    page.goto("/monitoring")

    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", name="Surveillance")).to_be_visible()


def test_everything_is_reached_without_script(context: BrowserContext, base_url: str, state: object) -> None:
    assert context.browser is not None
    plain = context.browser.new_context(base_url=base_url, storage_state=state, java_script_enabled=False)  # type: ignore[arg-type]
    page = plain.new_page()

    page.goto("/node/new")
    page.get_by_label("AE title").fill("NOSCRIPT")
    page.get_by_role("button", name="Create").click()

    expect(page.get_by_role("heading", name="NOSCRIPT")).to_be_visible()
    plain.close()


def test_a_first_load_is_small(browser: Browser, base_url: str, state: object) -> None:
    assert state  # the administrator is there
    stranger = browser.new_context(base_url=base_url, locale="en-GB")
    page = stranger.new_page()
    sizes: list[int] = []
    watching = stranger.new_cdp_session(page)
    watching.send("Network.enable")
    watching.on("Network.loadingFinished", lambda told: sizes.append(int(told["encodedDataLength"])))

    page.goto("/")
    page.get_by_label("Name", exact=True).fill("Anna")
    at_the_door = sum(sizes)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Every delivery is accounted for")).to_be_visible()

    print(f"first load: {at_the_door} bytes to sign in, {sum(sizes)} with the first page")  # noqa: T201 - pytest -s shows it
    assert 50_000 < at_the_door < sum(sizes) < FIRST_LOAD
    stranger.close()
