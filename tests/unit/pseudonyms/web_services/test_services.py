"""What services answer, over real connections to a server that answers as told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from philae.config.web_services import Authentication, WebServiceSettings
from philae.deid.requests import Failure, Reply, Request
from philae.pseudonyms.web_services import ask
from philae.pseudonyms.web_services import services as services_module
from philae.pseudonyms.web_services.services import WebServices
from tests.support.scripted_http import Asked, ScriptedServer, of_type, scripted
from tests.support.scripted_http import Reply as Says

TOKEN = of_type("application/json", '{"access_token": "T1", "expires_in": 3600}')
PERSON = of_type("application/json", '{"name": "A"}')


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_module, "_FIRST_PAUSE_S", 0.0)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def services(server: ScriptedServer, clock: Callable[[], float] | None = None, **settings: Any) -> WebServices:
    authentication = Authentication(
        name="registry", token_url=_at(server, "/token"), client_id="philae", client_secret="s:cret", scope="read"
    )
    known = {"allowed_hosts": ("127.0.0.1",), "authentications": (authentication,)} | settings
    return WebServices(WebServiceSettings(**known), clock or Clock())


def request(server: ScriptedServer, path: str = "/p/1", authentication: str | None = None) -> Request:
    return Request("GET", _at(server, path), None, authentication)


def _at(server: ScriptedServer, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def reason(reply: Reply) -> str:
    assert isinstance(reply, Failure)
    return reply.reason


def test_a_get_is_answered() -> None:
    with scripted(PERSON) as server:
        assert services(server).reply(request(server)) == '{"name": "A"}'

    assert (server.asked[0].method, server.asked[0].path) == ("GET", "/p/1")


def test_a_post_sends_its_body_as_json() -> None:
    with scripted(PERSON) as server:
        services(server).reply(Request("POST", _at(server, "/p"), '{"id": "é"}'))

    assert server.asked[0].headers["content-type"] == "application/json"
    assert server.asked[0].body == '{"id": "é"}'.encode()


def test_an_answer_is_asked_for_once_until_it_is_old() -> None:
    clock = Clock()
    with scripted(PERSON) as server:
        asking = services(server, clock, cache_s=900)
        for _ in range(3):
            asking.reply(request(server))
        asking.reply(request(server, "/p/2"))
        assert len(server.asked) == 2
        clock.now += 901
        asking.reply(request(server))

    assert len(server.asked) == 3


@pytest.mark.parametrize("wrong", [Says(503), Says(hang_up=True, status=0), Says(200, b"{", cut=100), Says(429)])
def test_what_may_pass_is_asked_again_and_no_failure_is_kept(wrong: Says) -> None:
    with scripted(lambda number, _: PERSON if number in (3, 7) else wrong) as server:
        asking = services(server, attempts=3)
        assert asking.reply(request(server)) == '{"name": "A"}'
        failed = asking.reply(request(server, "/p/2"))
        again = asking.reply(request(server, "/p/2"))

    assert "127.0.0.1" in reason(failed)
    assert again == '{"name": "A"}'


@pytest.mark.parametrize("status", [301, 400, 403, 404])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    with scripted(Says(status, headers={"Location": "/elsewhere"})) as server:
        failed = services(server).reply(request(server, "/patient/Doe"))

    assert reason(failed) == f"host 127.0.0.1 answered {status}"
    assert len(server.asked) == 1


def test_a_service_that_says_nothing_fails_in_time() -> None:
    with scripted(Says(hang=True)) as server:
        failed = services(server, timeout_s=0.1, attempts=1).reply(request(server))

    assert "did not answer in time" in reason(failed)


def test_an_endless_answer_fails() -> None:
    with scripted(Says(200, bytes(2 << 20))) as server:
        failed = services(server).reply(request(server))

    assert "more than" in reason(failed)


def test_nobody_listening_is_a_reason() -> None:
    with scripted(PERSON) as server:
        gone = request(server)
        asking = services(server, attempts=1)

    assert "cannot be asked" in reason(asking.reply(gone))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "http://e:port/", "gopher://127.0.0.1/"])
def test_what_is_no_web_address_is_not_asked(url: str) -> None:
    with scripted(PERSON) as server:
        assert "URL" in reason(services(server).reply(Request("GET", url)))


def test_this_machine_is_not_asked_unless_it_is_listed() -> None:
    with scripted(PERSON) as server:
        failed = services(server, allowed_hosts=()).reply(request(server))

    assert "allowed_hosts" in reason(failed)
    assert not server.asked


def with_token(number: int, asked: Asked) -> Says:
    return TOKEN if asked.path == "/token" else PERSON


def test_a_token_is_fetched_once_and_used_again() -> None:
    with scripted(with_token) as server:
        asking = services(server)
        replies = [asking.reply(request(server, f"/p/{n}", "registry")) for n in range(3)]

    assert replies == ['{"name": "A"}'] * 3
    assert [asked.path for asked in server.asked] == ["/token", "/p/0", "/p/1", "/p/2"]
    assert server.asked[0].body == b"grant_type=client_credentials&scope=read"
    assert server.asked[0].headers["authorization"] == "Basic cGhpbGFlOnMlM0FjcmV0"  # philae:s%3Acret
    assert {asked.headers["authorization"] for asked in server.asked[1:]} == {"Bearer T1"}


def test_a_token_that_ends_is_replaced() -> None:
    clock = Clock()
    with scripted(with_token) as server:
        asking = services(server, clock)
        asking.reply(request(server, "/p/1", "registry"))
        clock.now += 3600
        asking.reply(request(server, "/p/2", "registry"))

    assert [asked.path for asked in server.asked] == ["/token", "/p/1", "/token", "/p/2"]


def test_a_token_that_the_service_refuses_is_replaced_once() -> None:
    def answer(number: int, asked: Asked) -> Says:
        return TOKEN if asked.path == "/token" else PERSON if number == 4 else Says(401)

    with scripted(answer) as server:
        asking = services(server)
        first = asking.reply(request(server, "/p/1", "registry"))
        second = asking.reply(request(server, "/p/2", "registry"))

    assert first == '{"name": "A"}'
    assert reason(second) == "host 127.0.0.1 answered 401"
    assert [asked.path for asked in server.asked].count("/p/2") == 2


@pytest.mark.parametrize("token", ["", "[]", '{"access_token": "a\\nb"}', '{"token": "T"}', '{"access_token": 7}'])
def test_a_token_endpoint_without_a_token_is_a_reason(token: str) -> None:
    with scripted(of_type("application/json", token)) as server:
        failed = services(server).reply(request(server, "/p", "registry"))

    assert reason(failed) == "authentication 'registry' got no token"


def test_an_unknown_authentication_is_a_reason() -> None:
    with scripted(PERSON) as server:
        failed = services(server).reply(request(server, "/p", "other"))

    assert "no authentication 'other'" in reason(failed)
    assert not server.asked


def test_equal_settings_share_what_is_known() -> None:
    with scripted(PERSON) as server:
        wanted = request(server)
        answers = [ask(WebServiceSettings(allowed_hosts=("127.0.0.1",)), [wanted]) for _ in range(2)]

    assert answers == [{wanted: '{"name": "A"}'}] * 2
    assert len(server.asked) == 1


def test_neither_addresses_nor_secrets_are_shown() -> None:
    secret = Authentication(name="a", token_url="https://e/", client_id="c", client_secret="hidden")

    assert "hidden" not in repr(secret)
    assert "Doe" not in repr(Request("POST", "https://e/Doe", "Doe"))
