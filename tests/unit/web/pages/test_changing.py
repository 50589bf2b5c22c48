"""Forms that were typed before a session ended and are sent after it: shown again, never applied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.web.gateway import Gateway
from tests.support.documents import document, node, to_folder
from tests.support.web import signed_in, web_gateway

TYPED = "typed before"
FORMS = (
    "/node/new",
    "/node?name=PHILAE&tab=settings",
    "/node/sources/add?name=PHILAE",
    "/destination/new?node=PHILAE&kind=folder",
    "/destination/edit?id=1",
    "/project/new",
    "/project/edit?name=Trial",
    "/authentication/new",
    "/first-steps",
    "/profile/build",
    "/profile/new",
)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("drafts")
    with web_gateway(folder, document(node(to_folder(folder / "out")))) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def draft_of(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of a page is shown again, and what a browser keeps of it."""
    form = re.search(r"<form(?=[^>]* data-draft)([^>]*)>(.*?)</form>", page, re.DOTALL)
    assert form is not None
    head = dict(re.findall(r'([\w-]+)="([^"]*)"', form[1]))
    controls = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form[2]))
    texts = [
        name
        for name in ("description", "profile_name", "name", "source", "text", "server_timezone")
        if f'name="{name}"' in form[2]
    ]
    address = unescape(head.get("data-draft") or head["action"])
    return f"{address}{'&' if '?' in address else '?'}done=draft", {**controls, texts[0]: TYPED}


@pytest.mark.parametrize("path", FORMS)
def test_a_draft_is_shown_again_and_never_applied(gateway: Gateway, anna: TestClient, path: str) -> None:
    before = gateway.configurations.current()
    address, fields = draft_of(anna.get(path).text)

    answer = anna.post(address, data=fields)

    assert answer.status_code in {200, 422}
    assert TYPED in answer.text
    assert "nothing of it is saved yet" in answer.text
    assert "done=draft" not in answer.text
    assert gateway.configurations.current() == before


def test_every_form_that_is_kept_is_tried_here() -> None:
    templates = Path(__file__).parents[4] / "src" / "philae" / "web" / "templates"
    kept = [each.name for each in templates.glob("*.html") if " data-draft" in each.read_text(encoding="utf-8")]

    assert len(kept) == len(FORMS) - 2  # one is for what is new, and for what is there
