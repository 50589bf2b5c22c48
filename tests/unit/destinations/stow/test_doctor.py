from __future__ import annotations

from typing import Any

import pytest

from philae.admin.doctor import Finding
from philae.destinations.stow import StowSettings
from tests.support.examining import failure, findings, mute, verdicts
from tests.support.kheops import kheops
from tests.support.scripted_http import Asked, Reply, of_type, scripted

SERVICE = "DICOMweb service"


def found_at(url: str, **settings: Any) -> dict[str, Finding]:
    store = settings.pop("store", False)
    return findings(StowSettings.model_validate({"url": url, **settings}), store=store)


def test_a_query_that_nothing_answers_to_is_enough() -> None:
    with scripted(of_type("application/dicom+json", "[]")) as server:
        found = found_at(server.url)

    assert verdicts(found) == {
        "name resolution": "ok",
        "TCP connection": "ok",
        SERVICE: "ok",
        "trial delivery": "skipped",
    }
    (asked,) = server.asked
    assert asked.path.startswith("/dicom-web/studies?StudyInstanceUID=2.25.")


@pytest.mark.parametrize(
    "reply, message, advice",
    [
        (Reply(401, headers={"WWW-Authenticate": 'Bearer realm="x"'}), "(401)", "login by Bearer"),
        (Reply(403), "forbidden (403)", "allowed to store"),
        (Reply(404), "no DICOMweb service", "correct url"),
        (Reply(302), "another address (302)", "correct url"),
        (Reply(500), "answers 500", "log"),
        (Reply(501), "no queries are answered (501)", "--store"),
        (Reply(0, hang_up=True), "closed connection", "HTTP port"),
    ],
)
def test_what_the_archive_says_is_told_apart(reply: Reply, message: str, advice: str) -> None:
    with scripted(reply) as server:
        found = found_at(server.url)

    assert message in failure(found).message
    assert advice in failure(found).advice


@pytest.mark.parametrize(
    "login",
    [{"basic": {"username": "philae", "password": "hidden"}}, {"token": "hidden"}, {"headers": {"X-Key": "hidden"}}],
)
def test_a_login_that_is_refused_tells_no_secret(login: dict[str, Any]) -> None:
    with scripted(Reply(401)) as server:
        found = found_at(server.url, **login)

    assert "correct the credentials" in failure(found).advice
    assert "hidden" not in str(found)


def test_a_service_that_only_stores_is_well() -> None:
    def answer(_number: int, asked: Asked) -> Reply:
        return Reply(204, headers={"Allow": "OPTIONS, POST"}) if asked.method == "OPTIONS" else Reply(405)

    with scripted(answer) as server:
        found = found_at(server.url)

    assert "no queries (405)" in found[SERVICE].message
    assert found[SERVICE].verdict == "ok"


def test_a_login_that_may_only_store_is_well_when_it_does() -> None:
    def answer(_number: int, asked: Asked) -> Reply:
        return Reply(204) if asked.method == "POST" else Reply(403)

    with scripted(answer) as server:
        found = found_at(server.url, store=True)

    assert (found[SERVICE].verdict, found["trial delivery"].verdict) == ("warning", "ok")


@pytest.mark.parametrize("status, step", [(200, SERVICE), (400, "access token")])
def test_the_token_has_a_step_of_its_own(status: int, step: str) -> None:
    granted = '{"access_token": "hidden-token", "expires_in": 3600}' if status == 200 else '{"error": "invalid_client"}'

    def answer(_number: int, asked: Asked) -> Reply:
        return of_type("application/json", granted, status) if asked.path == "/token" else Reply(401)

    with scripted(answer) as server:
        token_url = f"http://127.0.0.1:{server.port}/token"
        oauth2 = {"token_url": token_url, "client_id": f"philae-{status}", "client_secret": "hidden"}
        found = found_at(server.url, oauth2=oauth2)

    assert failure(found).step == step
    assert "hidden" not in str(found)
    assert len([each for each in server.asked if each.path == "/token"]) == (2 if status == 200 else 1)


def test_an_archive_that_says_nothing_ends_in_a_clear_timeout() -> None:
    with mute() as port:
        found = found_at(f"http://127.0.0.1:{port}/dicom-web", response_timeout_s=0.3)

    assert verdicts(found)["TCP connection"] == "ok"
    assert "did not answer within 0.3 s" in failure(found).message


def test_the_tokens_of_each_album_have_a_step() -> None:
    with scripted(of_type("application/dicom+json", "[]")) as server, kheops() as stub:
        albums = [stub.album(), stub.album(name="teaching", authorization_destination="void")]
        found = found_at(server.url, kheops_albums=albums)

    assert found["album research"].verdict == "ok"
    assert "authorization_destination is not a token" in failure(found).message
    assert failure(found).step == "album teaching"
