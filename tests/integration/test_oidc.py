"""Signing in at an OpenID Connect provider that runs beside us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.config.oidc import OidcProvider
from philae.web.gateway import Gateway
from philae.web.oidc import Provider as Asked
from tests.support.oidc import CLIENT, SECRET, Provider, oidc_provider
from tests.support.web import user, visitor, web_gateway


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc_provider() as provider:
        yield provider


@contextmanager
def gateway_with(folder: Path, provider: Provider, **more: Any) -> Iterator[Gateway]:
    with web_gateway(folder) as gateway:
        yield replace(gateway, provider=Asked(OidcProvider(provider.issuer, CLIENT, SECRET, **more)))


@pytest.fixture
def gateway(tmp_path: Path, provider: Provider) -> Iterator[Gateway]:
    with gateway_with(tmp_path, provider) as gateway:
        yield gateway


def back_from(browser: TestClient, provider: Provider, name: str = "frieda", to: str = "/") -> Any:
    """Where the provider sends the browser after ``name`` signed in there, and what we answer."""
    asked = urlsplit(browser.get("/sign-in/provider", params={"to": to}).headers["location"])
    with httpx2.Client() as client:
        there = client.get(f"{asked.scheme}://{asked.netloc}{asked.path}?{asked.query}&login={name}")
    return browser.get(there.headers["location"].removeprefix("http://philae.test"))


def test_whoever_the_provider_vouches_for_is_in_with_the_roles_it_says(gateway: Gateway, provider: Provider) -> None:
    browser = visitor(gateway)

    answer = back_from(browser, provider, to="/users")

    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    assert browser.get("/users").status_code == 200
    frieda = gateway.users.find("frieda")
    assert frieda is not None
    assert (frieda.roles, frieda.is_vouched_for) == (frozenset({Role.ADMIN}), True)


def test_roles_follow_the_provider_at_the_next_sign_in(gateway: Gateway, provider: Provider) -> None:
    back_from(visitor(gateway), provider)
    provider.people["frieda"] = ["Investigator"]

    browser = visitor(gateway)
    back_from(browser, provider)

    assert browser.get("/users").status_code == 403
    assert browser.get("/monitoring").status_code == 200


def test_who_has_no_role_any_more_is_out_everywhere(gateway: Gateway, provider: Provider) -> None:
    browser = visitor(gateway)
    back_from(browser, provider)
    provider.people["frieda"] = ["offline_access"]

    answer = back_from(visitor(gateway), provider)

    assert answer.status_code == 403
    assert "no role here" in answer.text
    assert browser.get("/").status_code == 303


def test_roles_may_stand_in_the_user_info_and_below_another_claim(tmp_path: Path, provider: Provider) -> None:
    provider.roles_in_user_info = True
    provider.user_info = lambda name: {  # type: ignore[method-assign]
        "sub": name,
        "resource_access": {"karnak": {"roles": ["ADMIN"]}},
    }

    with gateway_with(tmp_path, provider, roles_claim="resource_access.karnak.roles") as gateway:
        assert back_from(visitor(gateway), provider).status_code == 303
        assert [each.roles for each in gateway.users.all()] == [frozenset({Role.ADMIN})]


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of somebody else"},
        {"aud": "another client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"azp": "another client"},
    ],
    ids=["nonce", "audience", "issuer", "expired", "authorized party"],
)
def test_an_id_token_that_was_not_made_for_us_lets_nobody_in(
    gateway: Gateway, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.change = lambda made: {**made, **claims}

    answer = back_from(visitor(gateway), provider)

    assert answer.status_code == 403
    assert gateway.users.all() == []


def test_an_id_token_that_the_provider_did_not_sign_lets_nobody_in(gateway: Gateway, provider: Provider) -> None:
    provider.published = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)

    assert back_from(visitor(gateway), provider).status_code == 403


def test_nobody_is_let_in_by_an_answer_that_another_browser_got(gateway: Gateway, provider: Provider) -> None:
    victim, attacker = visitor(gateway), visitor(gateway)
    victim.get("/sign-in/provider")
    asked = parse_qs(urlsplit(attacker.get("/sign-in/provider").headers["location"]).query)
    lured = provider.code_for("frieda", {name: values[0] for name, values in asked.items()})

    answer = victim.get(lured.removeprefix("http://philae.test"))

    assert answer.status_code == 403
    assert "another browser" in answer.text


def test_over_tls_no_neighbour_in_the_domain_can_send_somebody_on_a_journey_of_his(gateway: Gateway) -> None:
    answer = visitor(gateway, **{"x-forwarded-proto": "https"}).get("/sign-in/provider")

    assert answer.headers["set-cookie"].startswith("__Host-philae_journey=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))


def test_an_answer_works_once(gateway: Gateway, provider: Provider) -> None:
    browser = visitor(gateway)
    asked = parse_qs(urlsplit(browser.get("/sign-in/provider").headers["location"]).query)
    back = provider.code_for("frieda", {name: values[0] for name, values in asked.items()})
    path = back.removeprefix("http://philae.test")

    assert browser.get(path).status_code == 303
    assert browser.get(path).status_code == 403


def test_a_name_that_has_a_password_here_is_not_taken_over(gateway: Gateway, provider: Provider) -> None:
    user(gateway, "frieda", Role.USER)

    answer = back_from(visitor(gateway), provider)

    assert answer.status_code == 403
    frieda = gateway.users.find("frieda")
    assert frieda is not None
    assert frieda.roles == {Role.USER}


def test_who_signs_in_elsewhere_gets_no_password_here(gateway: Gateway, provider: Provider) -> None:
    user(gateway, "keeper", Role.ADMIN)
    browser = visitor(gateway)
    back_from(browser, provider)

    new = "a password of many words"
    answer = browser.post("/user/password?name=frieda", data={"password": new, "again": new})

    assert answer.status_code == 422
    assert visitor(gateway).post("/sign-in", data={"name": "frieda", "password": ""}).status_code == 403


def test_signing_out_here_is_signing_out_there(gateway: Gateway, provider: Provider) -> None:
    browser = visitor(gateway)
    back_from(browser, provider)

    answer = browser.post("/sign-out")

    url = urlsplit(answer.headers["location"])
    asked = parse_qs(url.query)
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{provider.issuer}/end_session"
    assert asked["post_logout_redirect_uri"] == ["http://philae.test/sign-in"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert f"form-action 'self' {provider.issuer.removesuffix('/realm')}" in answer.headers["content-security-policy"]
    assert browser.get("/").status_code == 303


def test_a_provider_that_does_not_answer_is_told_and_passwords_still_work(tmp_path: Path, provider: Provider) -> None:
    provider.issuer = "http://127.0.0.1:9/realm"

    with gateway_with(tmp_path, provider) as gateway:
        answer = visitor(gateway).get("/sign-in/provider")

        assert answer.status_code == 503
        assert "the provider cannot be reached" in answer.text
        assert 'name="password"' in answer.text
