from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from philae.admin.tokens import digest_of
from philae.admin.users import GUESSES, Role
from philae.admin.users_sessions import IDLE, new_setup_link
from philae.web.gateway import Gateway
from tests.support.web import PASSWORD, signed_in, user, visitor, web_gateway


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with web_gateway(tmp_path) as gateway:
        yield gateway


def link(gateway: Gateway, now: datetime | None = None) -> str:
    return "/set-up/" + new_setup_link(gateway.setup_links, now or datetime.now(UTC))


def typed(name: str = "anna", password: str = PASSWORD, again: str = PASSWORD) -> dict[str, str]:
    return {"name": name, "password": password, "again": again}


def test_the_setup_link_makes_one_administrator_and_no_second(gateway: Gateway) -> None:
    path = link(gateway)
    first, second = visitor(gateway), visitor(gateway)

    assert first.post(path, data=typed()).status_code == 303
    assert second.post(path, data=typed("mallory")).status_code == 404

    assert [(each.name, each.roles) for each in gateway.users.all()] == [("anna", frozenset({Role.ADMIN}))]
    assert first.get("/").status_code == 200


def test_a_setup_link_ends_by_a_newer_one_and_by_time(gateway: Gateway) -> None:
    old, expired = link(gateway), link(gateway, datetime.now(UTC) - timedelta(days=2))

    assert [visitor(gateway).post(each, data=typed()).status_code for each in (old, expired)] == [404, 404]


@pytest.mark.parametrize(
    "wrong",
    [typed(name=""), typed(name="x" * 65), typed(password="short", again="short"), typed(again="something else"),
     typed(password="aaaaaaaaaaaaaa", again="aaaaaaaaaaaaaa")],
)  # fmt: skip
def test_a_faulty_set_up_keeps_the_link(gateway: Gateway, wrong: dict[str, str]) -> None:
    path = link(gateway)

    assert visitor(gateway).post(path, data=wrong).status_code == 422
    assert visitor(gateway).post(path, data=typed()).status_code == 303


def test_a_password_that_is_wrong_too_often_locks_the_account_for_a_while(gateway: Gateway) -> None:
    user(gateway, "anna", Role.ADMIN)
    browser = visitor(gateway)

    refused = [browser.post("/sign-in", data=typed(password="guess")).status_code for _ in range(GUESSES)]

    assert refused == [403] * GUESSES
    assert browser.post("/sign-in", data=typed()).status_code == 403
    locked = gateway.users.find("anna")
    assert locked is not None
    assert locked.is_locked(datetime.now(UTC))
    assert not locked.is_locked(datetime.now(UTC) + timedelta(minutes=6))


def test_nobody_learns_which_names_exist(gateway: Gateway) -> None:
    user(gateway, "anna", Role.ADMIN)

    known = visitor(gateway).post("/sign-in", data=typed(password="guess"))
    unknown = visitor(gateway).post("/sign-in", data=typed("nobody", "guess"))

    assert known.status_code == unknown.status_code
    assert known.text.replace("anna", "nobody") == unknown.text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(gateway: Gateway) -> None:
    user(gateway, "anna", Role.ADMIN)

    plain = visitor(gateway).post("/sign-in", data=typed()).headers["set-cookie"]
    secure = visitor(gateway, **{"x-forwarded-proto": "https"}).post("/sign-in", data=typed()).headers["set-cookie"]

    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert secure.startswith("__Host-")
    assert "Secure" in secure
    assert "Path=/" in secure
    assert "Domain" not in secure


def test_signing_in_never_takes_over_a_session_that_was_there_before(gateway: Gateway) -> None:
    user(gateway, "anna", Role.ADMIN)
    browser = visitor(gateway)
    browser.cookies.set("philae_session", "chosen-by-somebody-else")

    browser.post("/sign-in", data=typed())

    assert gateway.sessions.find(digest_of("chosen-by-somebody-else")) is None


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(gateway: Gateway) -> None:
    browser = signed_in(gateway, Role.ADMIN)
    kept = dict(browser.cookies)

    assert browser.post("/sign-out").status_code == 303

    thief = visitor(gateway)
    thief.cookies.update(kept)
    assert thief.get("/").status_code == 303


def test_a_session_that_nobody_uses_ends(gateway: Gateway) -> None:
    browser = signed_in(gateway, Role.ADMIN)
    (session,) = gateway.sessions.of("anna")

    gateway.sessions.touch(session.digest, datetime.now(UTC) - IDLE - timedelta(seconds=1))

    assert browser.get("/").headers["location"] == "/sign-in"


def test_a_page_that_only_refreshes_itself_keeps_no_session_alive(gateway: Gateway) -> None:
    browser = signed_in(gateway, Role.ADMIN)
    (session,) = gateway.sessions.of("anna")
    earlier = datetime.now(UTC) - IDLE / 2
    gateway.sessions.touch(session.digest, earlier)

    assert browser.get("/live/events").status_code == 200
    unattended = gateway.sessions.find(session.digest)
    browser.get("/")
    attended = gateway.sessions.find(session.digest)

    assert unattended is not None
    assert attended is not None
    assert unattended.seen_at == earlier
    assert attended.seen_at > earlier


def test_a_new_password_ends_the_other_sessions(gateway: Gateway) -> None:
    browser = signed_in(gateway, Role.ADMIN)
    other = visitor(gateway)
    other.post("/sign-in", data=typed())
    new = "another horse battery staple"

    changed = browser.post("/account/password", data={"current": PASSWORD, "password": new, "again": new})

    assert changed.headers["location"] == "/account?done=password"
    assert browser.get("/").status_code == 200
    assert other.get("/").status_code == 303
    assert visitor(gateway).post("/sign-in", data=typed()).status_code == 403


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(gateway: Gateway, to: str) -> None:
    user(gateway, "anna", Role.ADMIN)

    answer = visitor(gateway).post("/sign-in", data={**typed(), "to": to})

    assert answer.headers["location"] == "/"


def test_the_last_administrator_stays(gateway: Gateway) -> None:
    browser = signed_in(gateway, Role.ADMIN)

    assert browser.post("/user/delete?name=anna").status_code == 409
    assert browser.post("/user/roles?name=anna", data={"role-user": "on"}).status_code == 422
    assert browser.get("/users").status_code == 200
