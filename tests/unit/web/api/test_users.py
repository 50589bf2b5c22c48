"""Users, tokens, mail and alarms by the REST API."""

from __future__ import annotations

from datetime import UTC, datetime

from philae.admin.notifications.alarms import NO_MAIL
from philae.web.gateway import Gateway
from tests.support.api import Api, told
from tests.support.web import PASSWORD


def test_users_are_added_changed_and_deleted_and_all_of_it_is_noted(api: Api, gateway: Gateway) -> None:
    api("POST", "/users", {"name": "keeper", "password": PASSWORD, "roles": ["admin"]})
    added = api("POST", "/users", {"name": "Anna", "password": PASSWORD, "roles": ["user"]})
    api("PUT", "/users/anna/roles", {"roles": ["investigator", "user"]})
    password = api("PUT", "/users/anna/password", {"password": f"{PASSWORD} again"})

    assert (added.status_code, password.status_code) == (201, 204)
    assert api("GET", "/users/anna").json()["roles"] == ["investigator", "user"]
    assert api("DELETE", "/users/anna/sessions").json() == {"ended": 0}
    assert api("DELETE", "/users/anna").status_code == 204
    assert [action for _, action, subject in told(gateway) if subject == "anna"] == [
        "user.created",
        "user.roles",
        "user.password",
        "user.sessions-ended",
        "user.deleted",
    ]


def test_the_last_administrator_stays(api: Api) -> None:
    api("POST", "/users", {"name": "keeper", "password": PASSWORD, "roles": ["admin"]})

    assert api("DELETE", "/users/keeper").status_code == 409
    assert api("PUT", "/users/keeper/roles", {"roles": ["user"]}).status_code == 409
    assert api("POST", "/users", {"name": "keeper", "password": PASSWORD, "roles": ["user"]}).status_code == 409


def test_no_password_is_ever_answered(api: Api) -> None:
    answer = api("POST", "/users", {"name": "anna", "password": "short", "roles": ["user"]})

    assert answer.status_code == 422
    assert "short" not in answer.text
    assert "assword" not in "".join(api("GET", "/users").json() and api("GET", "/users").text)


def test_a_token_is_issued_once_and_taken_back(api: Api, gateway: Gateway) -> None:
    issued = api("POST", "/tokens", {"name": "monitor", "scopes": ["status"], "days": 0})
    text = issued.json()["token"]

    assert issued.json()["facts"]["expires_at"] is None
    assert text not in api("GET", "/tokens").text
    assert api("GET", "/alarms", authorization=f"Bearer {text}").status_code == 200
    assert api("DELETE", "/tokens/monitor").status_code == 204
    assert api("GET", "/alarms", authorization=f"Bearer {text}").status_code == 401
    assert [action for _, action, _ in told(gateway)] == ["token.issued", "token.revoked"]


def test_without_a_server_no_mail_is_promised(api: Api) -> None:
    answer = api("POST", "/mail/test", {"address": "a@b.example"})

    assert answer.status_code == 409
    assert "PHILAE_MAIL_HOST" in answer.json()["detail"]


def test_alarms_that_are_on_are_told(api: Api, gateway: Gateway) -> None:
    book = gateway.alarms.__self__  # type: ignore[attr-defined]
    book.change([NO_MAIL], datetime.now(UTC), lambda *_: None)

    assert api("GET", "/alarms").json() == [{"key": "mail", "words": NO_MAIL.words, "remedy": NO_MAIL.remedy}]


def test_a_method_that_an_address_has_not_is_told_with_those_that_it_has(api: Api) -> None:
    answer = api("DELETE", "/deliveries/release")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
