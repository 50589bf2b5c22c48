from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from philae.config.configuration import Configuration
from philae.destinations import SETTINGS
from philae.destinations.stow.sharing import KEPT, Sharing
from philae.pipeline.album_shares import AlbumShare
from philae.pipeline.wake import Wake
from tests.support.album_shares import FakeShares
from tests.support.configurations import Configured
from tests.support.kheops import WRITER, KheopsStub, kheops

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHARE = AlbumShare(1, "research", "1.2", "1.2.3")


def configured(*albums: dict[str, Any]) -> Configuration:
    settings = {"kind": "stow", "url": "http://archive.example", "kheops_albums": list(albums)}
    destination = {"id": 1, "name": "archive", "settings": settings}
    return Configuration.model_validate(
        {"version": 1, "forward_nodes": [{"ae_title": "PHILAE", "destinations": [destination]}]},
        context={"destination_kinds": SETTINGS},
    )


def work(shares: FakeShares, configuration: Configuration, now: datetime = NOW) -> None:
    Sharing(shares, Configured(configuration)).work(now, Wake())


def test_a_series_is_shared_with_tokens_that_hold() -> None:
    shares = FakeShares({1: SHARE})

    with kheops() as stub:
        work(shares, configured(stub.album()))

    assert shares.done == [1]
    assert stub.albums == {WRITER: {("1.2", "1.2.3")}}
    assert [asked.path.rpartition("/")[2] for asked in stub.asked] == ["introspect", "introspect", "1.2.3"]


def test_what_fails_is_tried_again_later_and_later_and_not_lost() -> None:
    shares = FakeShares({1: SHARE})

    with kheops(KheopsStub(busy=2)) as stub:
        delays = []
        now = NOW
        while shares.waiting:
            work(shares, configured(stub.album()), now)
            now, before = shares.due.get(1, now), now
            delays.append(now - before)

    assert shares.done == [1]
    assert shares.attempts == {1: 3}
    assert timedelta(seconds=4) <= delays[0] <= timedelta(seconds=6) < delays[1]
    assert "503" in shares.reasons[1]


def test_nothing_is_sent_to_the_album_while_a_token_does_not_hold() -> None:
    shares = FakeShares({1: SHARE})

    with kheops(KheopsStub(tokens={})) as stub:
        work(shares, configured(stub.album()))

    assert not stub.albums
    assert shares.waiting == {1: SHARE}
    assert "authorization_destination" in shares.reasons[1]


def test_one_album_that_cannot_be_used_does_not_stop_another() -> None:
    other = AlbumShare(1, "other", "1.2", "1.2.3")
    shares = FakeShares({1: other, 2: SHARE})

    with kheops() as stub:
        work(shares, configured(stub.album(), stub.album(name="other", authorization_destination="void")))

    assert shares.done == [2]
    assert shares.waiting == {1: other}


def test_a_share_waits_for_an_album_that_was_removed_but_not_for_ever() -> None:
    shares = FakeShares({1: SHARE}, since=NOW)

    work(shares, configured())
    waited = dict(shares.waiting)
    shares.due.clear()
    work(shares, configured(), NOW + KEPT + timedelta(seconds=1))

    assert waited == {1: SHARE}
    assert shares.dropped == [1]
