from __future__ import annotations

import json
from dataclasses import dataclass, field
from threading import Thread
from urllib.parse import parse_qs

import pytest

from philae.config.web_services import ClientCredentials
from philae.pipeline.tokens import EARLY_S, NoToken, TokenRequest, Tokens

CLIENT = ClientCredentials(token_url="https://login.example/t", client_id="a:b", client_secret="s&p", scope="read all")


@dataclass
class Endpoint:
    """Grants T1, T2 ...; ``now`` is the clock."""

    answer: str | None = None
    expires_in: float | None = 3600
    now: float = 1000.0
    asked: list[TokenRequest] = field(default_factory=list)

    def post(self, request: TokenRequest) -> str:
        self.asked.append(request)
        granted: dict[str, object] = {"access_token": f"T{len(self.asked)}"}
        if self.expires_in is not None:
            granted["expires_in"] = self.expires_in
        return self.answer if self.answer is not None else json.dumps(granted)

    def tokens(self) -> Tokens:
        return Tokens(CLIENT, self.post, lambda: self.now)


def test_a_request_is_as_rfc_6749_says() -> None:
    endpoint = Endpoint()

    endpoint.tokens().token()

    (request,) = endpoint.asked
    assert request.url == CLIENT.token_url
    assert parse_qs(request.body) == {"grant_type": ["client_credentials"], "scope": ["read all"]}
    assert request.headers["Authorization"] == "Basic YSUzQWI6cyUyNnA="  # a%3Ab:s%26p
    assert "s&p" not in repr(request)
    assert request.headers["Authorization"] not in repr(request)


@pytest.mark.parametrize("expires_in, used_s", [(3600, 3600 - EARLY_S), (40, 20), (None, 300 - EARLY_S)])
def test_a_token_is_used_again_until_shortly_before_it_ends(expires_in: float | None, used_s: float) -> None:
    endpoint = Endpoint(expires_in=expires_in)
    tokens = endpoint.tokens()

    first = tokens.token()
    endpoint.now += used_s - 1
    again = tokens.token()
    endpoint.now += 1
    later = tokens.token()

    assert (first, again, later) == ("T1", "T1", "T2")


def test_a_refused_token_is_replaced_unless_it_has_been_already() -> None:
    endpoint = Endpoint()
    tokens = endpoint.tokens()
    tokens.token()

    tokens.refused("T1")
    tokens.token()
    tokens.refused("T1")

    assert tokens.token() == "T2"


def test_many_threads_ask_once() -> None:
    endpoint = Endpoint()
    tokens = endpoint.tokens()
    found: list[str] = []

    threads = [Thread(target=lambda: found.append(tokens.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == ["T1"] * 8
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    "answer", ["", "[]", "null", '{"access_token": 7}', '{"access_token": ""}', '{"access_token": "a\\nb"}', "[" * 9999]
)
def test_an_answer_without_a_token_is_said_without_it(answer: str) -> None:
    with pytest.raises(NoToken, match="no token"):
        Endpoint(answer=answer).tokens().token()
