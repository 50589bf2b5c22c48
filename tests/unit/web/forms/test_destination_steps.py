from __future__ import annotations

import pytest

from philae.web.forms.destination_steps import stepped

LOGIN = {"act": "authorization", "authorization.scheme": "Basic", "authorization.username": "anna"}


def test_a_form_that_is_sent_to_be_saved_takes_no_step() -> None:
    assert stepped({"name": "archive"}) is None


def test_a_user_and_a_password_become_a_header_and_are_not_kept_beside_it() -> None:
    step = stepped({**LOGIN, "authorization.password": "s:é", "headers": "X-One: 1\n"})

    assert step is not None
    assert step.faults == {}
    assert step.values["headers"] == "X-One: 1\nAuthorization: Basic YW5uYTpzOsOp"
    assert "s:é" not in step.values.values()


def test_a_token_becomes_a_header() -> None:
    step = stepped(
        {"act": "authorization", "authorization.scheme": "Bearer", "authorization.bearer": " 123.abc ", "headers": ""}
    )

    assert step is not None
    assert step.values["headers"] == "Authorization: Bearer 123.abc"


@pytest.mark.parametrize(
    "known",
    [
        {"headers": "authorization: Basic x"},
        {"token": "<stored>"},
        {"authentication": "keycloak"},
        {"basic": "on"},
        {"oauth2": "on"},
    ],
)
def test_a_second_authorization_is_refused_and_nothing_typed_is_lost(known: dict[str, str]) -> None:
    step = stepped({**LOGIN, **known})

    assert step is not None
    assert "there is only one Authorization" in step.faults["headers"]
    assert step.values == {**LOGIN, **known}


@pytest.mark.parametrize(
    "typed",
    [
        {"authorization.username": ""},
        {"authorization.username": "a:b"},
        {"authorization.scheme": "Bearer", "authorization.bearer": ""},
        {"authorization.scheme": "Bearer", "authorization.bearer": "two words"},
        {"authorization.scheme": "Bearer", "authorization.bearer": "line\r\nX-Evil: 1"},
    ],
)
def test_what_makes_no_header_is_told(typed: dict[str, str]) -> None:
    step = stepped({**LOGIN, **typed})

    assert step is not None
    assert step.faults["headers"].startswith("give ")


def test_one_more_of_a_list_is_asked_for() -> None:
    first, second = stepped({"act": "more:albums"}), stepped({"act": "more:albums", "albums.count": "4"})

    assert first is not None
    assert second is not None
    assert (first.values["albums.count"], second.values["albums.count"]) == ("1", "5")
