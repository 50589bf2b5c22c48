from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from philae.config.web_services import Authentication, WebServiceSettings
from philae.deid.errors import DeidError, MissingPseudonym
from philae.pipeline.outcome import Busy
from philae.pseudonyms.api import Api, ApiSettings
from philae.pseudonyms.web_services import answer
from philae.pseudonyms.web_services import services as services_module
from tests.support.scripted_http import Asked, Reply, ScriptedServer, of_type, scripted
from tests.support.trees import encoded, text

PATIENT = "{{ getString(#Tag.PatientID) }}"
FOUND = of_type("application/json", '{"patients": [{"pseudonym": "P-1"}]}')
WHERE = "/patients/0/pseudonym"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_module, "_FIRST_PAUSE_S", 0.0)


def ask(says: Reply | Callable[[int, Asked], Reply], times: int = 1, **settings: Any) -> tuple[str, list[Asked]]:
    """The pseudonym of a patient ``times`` over, and what the service was asked."""
    with scripted(says) as server:
        source = Api(_settings(server, settings), partial(answer, _web_services(server)))
        dataset = encoded([text(0x00100020, "LO", "A/1?x")])
        found = {source.pseudonym(dataset) for _ in range(times)}
        assert len(found) == 1
        return found.pop(), server.asked


def _settings(server: ScriptedServer, settings: dict[str, Any]) -> ApiSettings:
    url = f"http://127.0.0.1:{server.port}/p/{PATIENT}"
    return ApiSettings(**{"url": url, "response_path": WHERE, **settings})


def _web_services(server: ScriptedServer) -> WebServiceSettings:
    login = Authentication(
        name="registry", token_url=f"http://127.0.0.1:{server.port}/token", client_id="c", client_secret="s"
    )
    return WebServiceSettings(allowed_hosts=("127.0.0.1",), timeout_s=2.0, attempts=2, authentications=(login,))


def test_the_patient_is_asked_for_and_cannot_become_part_of_the_path() -> None:
    found, (asked,) = ask(FOUND)

    assert found == "P-1"
    assert (asked.method, asked.path) == ("GET", "/p/A%2F1%3Fx")


def test_a_body_is_posted_as_json() -> None:
    found, (asked,) = ask(FOUND, method="POST", body=f'{{"id": "{PATIENT}"}}')

    assert found == "P-1"
    assert (asked.method, json.loads(asked.body)) == ("POST", {"id": "A/1?x"})
    assert asked.headers["content-type"] == "application/json"


def test_the_same_patient_is_asked_for_once() -> None:
    assert len(ask(FOUND, times=5)[1]) == 1


def test_a_plain_answer_needs_no_path() -> None:
    assert ask(of_type("text/plain", "P-7\n"), response_path="")[0] == "P-7"


def test_an_authentication_is_used_by_its_name() -> None:
    def says(_number: int, asked: Asked) -> Reply:
        return of_type("application/json", '{"access_token": "T1"}') if asked.path == "/token" else FOUND

    _, asked = ask(says, authentication="registry")

    assert [each.path for each in asked] == ["/token", "/p/A%2F1%3Fx"]
    assert asked[1].headers["authorization"] == "Bearer T1"


@pytest.mark.parametrize(
    "reply", [Reply(404), of_type("application/json", "{}"), of_type("application/json", '{"patients": []}')]
)
def test_a_patient_whom_the_service_does_not_know_has_no_pseudonym_yet(reply: Reply) -> None:
    with pytest.raises(MissingPseudonym, match=r"127\.0\.0\.1 has no pseudonym") as refused:
        ask(reply)
    assert "A/1" not in str(refused.value)


@pytest.mark.parametrize("reply", [Reply(503), Reply(429), Reply(0, hang_up=True)])
def test_a_service_that_cannot_answer_now_is_waited_for(reply: Reply) -> None:
    with pytest.raises(Busy) as refused:
        ask(reply)
    assert "A%2F1" not in str(refused.value)


def test_a_service_that_is_not_there_is_waited_for() -> None:
    settings = ApiSettings(url=f"http://127.0.0.1:1/{PATIENT}", response_path="")
    source = Api(settings, partial(answer, WebServiceSettings(allowed_hosts=("127.0.0.1",))))

    with pytest.raises(Busy):
        source.pseudonym(encoded([text(0x00100020, "LO", "A1")]))


@pytest.mark.parametrize("reply", [Reply(400), Reply(403)])
def test_a_service_that_will_not_answer_needs_a_person(reply: Reply) -> None:
    with pytest.raises(DeidError, match="answered 40"):
        ask(reply)


def test_an_authentication_that_does_not_exist_needs_a_person() -> None:
    with pytest.raises(DeidError, match="no authentication 'gone'"):
        ask(FOUND, authentication="gone")


@pytest.mark.parametrize(
    "settings, fault",
    [
        ({"method": "POST"}, "POST needs one"),
        ({"body": "{}"}, "goes with method POST"),
        ({"url": "ftp://example.org/"}, "https://"),
        ({"url": "https://{{ getString(#Tag.PatientID) }}/"}, "host"),
        ({"url": "https://example.org/{{ nonsense( }}"}, "line 1"),
        ({"response_path": "pseudonym"}, "begins with /"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        ApiSettings.model_validate({"url": "https://example.org/", "response_path": "", **settings})
