"""Delivery by STOW-RS to an archive that wants tokens of an OAuth 2.0 server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.documents import document, node, to_stow
from tests.support.gateway import Gateway
from tests.support.oauth2 import TokenServer, token_server
from tests.support.scans import scans
from tests.support.scripted_http import Asked, Reply, scripted
from tests.support.senders import finished, storescu


def test_a_gateway_sends_with_tokens_of_a_named_authentication_and_renews_them(tmp_path: Path) -> None:
    sent = [scan.path for scan in scans(tmp_path / "sent", patients=1, series=1, slices=4, size=16)]

    with token_server() as tokens, scripted(taking(tokens)) as archive:
        to_archive = to_stow(archive.url, authentication="archive-login")
        text = document(node(to_archive), web_services={"authentications": [tokens.authentication()]})
        with Gateway(tmp_path / "data", text) as gateway:
            finished([storescu(gateway.port, sent[:2])])
            before = gateway.settled()
            tokens.revoke_all()
            finished([storescu(gateway.port, sent[2:])])
            after = gateway.settled()

    assert (before["sent"], after["sent"], after["opened"]) == (2, 4, 4)
    assert len(tokens.granted) == 2


def taking(tokens: TokenServer) -> Callable[[int, Asked], Reply]:
    def answer(_number: int, asked: Asked) -> Reply:
        return Reply(200 if tokens.is_valid(asked.headers.get("authorization", "")) else 401)

    return answer
