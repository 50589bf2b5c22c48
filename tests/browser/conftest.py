"""A gateway that runs, and Chromium in front of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.support.documents import document, node, to_folder
from tests.support.gateway import Gateway, free_port
from tests.support.http import Client
from tests.support.oidc import Provider, oidc_provider
from tests.support.scans import Scan, scans
from tests.support.senders import PersistentSender, send

CHROMIUM = "/usr/bin/chromium"
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-background-networking"]}


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with oidc_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Gateway]:
    """One instance delivered, one held because nobody gave its patient a pseudonym."""
    root = tmp_path_factory.mktemp("browser")
    by_table = {"project": "Trial", "pseudonym": {"kind": "table"}}
    delivering = node(to_folder(root / "out"))
    holding = node(to_folder(root / "held", "table", deidentify=by_table), ae_title="HOLDING")
    environment = provider.environment()
    with Gateway(
        root / "data", document(delivering, holding), web_port=free_port(), environment=environment
    ) as running:
        files = [each.path for each in scans(root / "sent")]
        send(running.port, files)
        send(running.port, files, "HOLDING")
        running.settled()
        assert Client(running.web_port or 0).get("/readyz").status == 200
        yield running


@pytest.fixture(scope="session")
def base_url(gateway: Gateway) -> str:
    return f"http://127.0.0.1:{gateway.web_port}"


@pytest.fixture(scope="session")
def state(gateway: Gateway, browser: Browser, base_url: str) -> Any:
    """The cookies of the administrator, who followed the link on the console."""
    link = re.search(r"/set-up/\S+", gateway.log)
    assert link is not None, gateway.log
    context = browser.new_context(base_url=base_url, locale="en-GB")
    page = context.new_page()
    page.goto(link[0])
    page.get_by_label("Your name").fill("Anna")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Create the administrator").click()
    page.get_by_text("Welcome.").wait_for()
    cookies = context.storage_state()
    context.close()
    return cookies


@pytest.fixture
def context(browser: Browser, base_url: str, state: Any) -> Iterator[BrowserContext]:
    """A browser that the administrator signed in with."""
    context = browser.new_context(base_url=base_url, locale="en-GB", storage_state=state, color_scheme="light")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, base_url: str) -> Iterator[Page]:
    """A tab; at the end nothing was asked of other hosts, and the console is clean."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url) if not is_ours(asked.url, base_url) else None)
    yield page
    assert complaints == []


def is_complaint(said: ConsoleMessage) -> bool:
    """Chromium itself mentions every form that comes back with its faults, and what is refused once a session ended."""
    is_mention = "status of 422" in said.text or "status of 401" in said.text
    return said.type in {"error", "warning"} and not is_mention


def is_ours(url: str, base_url: str) -> bool:
    return url.startswith((f"{base_url}/", "data:"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "delivered"


def sign_in(page: Page, name: str = "Anna", password: str = PASSWORD) -> None:
    """On the page that asks for it."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add(page: Page, nouns: str, **item: Any) -> None:
    """What a journey begins with, by the REST API: ``nouns`` such as ``projects``."""
    answer = page.request.post(f"/api/v1/{nouns}", data=item)
    assert answer.status == 201, answer.text()


def add_node(page: Page, ae_title: str, *destinations: dict[str, Any]) -> None:
    """A forward node of the journey's own; who finds it finds all of its destinations."""
    address = "/api/v1/configuration"
    whole = yaml.safe_load(page.request.get(address).text())
    whole["forward_nodes"].append(node(*destinations, ae_title=ae_title))
    answer = page.request.put(address, data=yaml.safe_dump(whole), headers={"content-type": "application/yaml"})
    assert answer.ok, answer.text()


def deliver(gateway: Gateway, sent: Sequence[Scan], ae_title: str) -> None:
    """All that becomes of them, at a forward node that intakes may learn of a moment later: they reject until then."""
    sender = PersistentSender(gateway.port, [each.path for each in sent], ae_title)
    sender.run()
    assert len(sender.acknowledged) == len(sent)
    gateway.settled()
