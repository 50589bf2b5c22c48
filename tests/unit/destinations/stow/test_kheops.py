from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from philae.config.album import KheopsAlbum
from philae.config.tls import ClientTls
from philae.destinations.stow.kheops import Kheops, NotShared
from tests.support.gateway import free_port
from tests.support.kheops import READER, WRITER, KheopsStub, kheops
from tests.support.scripted_http import Reply, of_type, scripted


@contextmanager
def client(stub: KheopsStub, **changes: str) -> Iterator[Kheops]:
    asking = Kheops(KheopsAlbum.model_validate(stub.album(**changes)), ClientTls())
    try:
        yield asking
    finally:
        asking.close()


def test_tokens_are_asked_about_with_themselves() -> None:
    with kheops() as stub, client(stub) as asking:
        asking.check_tokens()

    assert [asked.headers["authorization"] for asked in stub.asked] == [f"Bearer {WRITER}", f"Bearer {READER}"]
    assert [asked.body for asked in stub.asked] == [f"token={WRITER}".encode(), f"token={READER}".encode()]
    assert {asked.headers["accept"] for asked in stub.asked} == {"application/json"}


@pytest.mark.parametrize(
    "tokens, words",
    [
        ({READER: "read send"}, "authorization_destination is not a token that holds"),
        ({WRITER: "read", READER: "read send"}, "authorization_destination may not write"),
        ({WRITER: "write", READER: "write"}, "authorization_source may not read and send"),
        ({WRITER: "write", READER: "read"}, "authorization_source may not send"),
    ],
)
def test_a_token_that_may_not_is_named_with_what_it_may_not(tokens: dict[str, str], words: str) -> None:
    with (
        kheops(KheopsStub(tokens=tokens)) as stub,
        client(stub) as asking,
        pytest.raises(NotShared, match=words) as caught,
    ):
        asking.check_tokens()

    assert WRITER not in str(caught.value)
    assert READER not in str(caught.value)


@pytest.mark.parametrize("said", ["", "[]", '{"active": true}', '{"active": "true", "scope": "write"}', "<html>"])
def test_an_answer_that_is_none_makes_no_token_hold(said: str) -> None:
    with (
        scripted(of_type("application/json", said)) as server,
        client(KheopsStub(url=server.url)) as asking,
        pytest.raises(NotShared, match="not a token"),
    ):
        asking.check_tokens()


def test_a_series_comes_into_the_album_of_the_destination_token() -> None:
    with kheops() as stub, client(stub) as asking:
        asking.share("1.2", "1.2.3")

    (asked,) = stub.asked
    assert (asked.method, asked.path, asked.body) == ("PUT", "/api/studies/1.2/series/1.2.3", b"")
    assert asked.headers["x-authorization-source"] == f"Bearer {READER}"
    assert stub.albums == {WRITER: {("1.2", "1.2.3")}}


@pytest.mark.parametrize("status", [302, 401, 403, 404, 500])
def test_a_share_that_is_refused_is_said_with_its_status(status: int) -> None:
    with (
        scripted(Reply(status)) as server,
        client(KheopsStub(url=server.url)) as asking,
        pytest.raises(NotShared, match=str(status)),
    ):
        asking.share("1.2", "1.2.3")


def test_a_server_that_is_not_there_is_said() -> None:
    stub = KheopsStub(url=f"http://127.0.0.1:{free_port()}/api")

    with client(stub) as asking, pytest.raises(NotShared, match="cannot connect"):
        asking.check_tokens()
