"""Delivery by STOW-RS over HTTP/2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from philae.destinations.stow import StowSender, StowSettings
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import TryAgain
from tests.support.gateway import free_port
from tests.support.http2 import http2_server
from tests.support.lanes import ct_dataset, make_node, outgoing_of
from tests.support.listening import certificates
from tests.support.receivers import delivered


def sender_to(url: str, authority: Any = None, **settings: Any) -> StowSender:
    told = {"url": url, "http": "2", "tls": {"authority": authority}, **settings}
    return StowSender(StowSettings.model_validate(told), make_node())


def test_nothing_is_lost_behind_a_proxy_that_ends_connections(tmp_path: Path) -> None:
    keys = certificates(tmp_path)
    some = [outgoing_of(number, ct_dataset(f"1.2.3.{number}", pixels=bytes(200_000))) for number in range(10)]

    with http2_server(keys, requests_per_connection=3) as server:
        sender = sender_to(server.url, keys.authority_file, batch_instances=1, response_timeout_s=5)
        answers = delivered(sender, *some)
        sender.close()

    assert [type(each) for each in answers] == [Receipt] * 10
    assert {(version, path) for version, path, _ in server.asked} == {("2", "/dicom-web/studies")}
    assert all(any(b"".join(each.body.buffers()) in body for _, _, body in server.asked) for each in some)


def test_a_server_that_hangs_is_given_up_after_the_response_timeout(tmp_path: Path) -> None:
    keys = certificates(tmp_path)

    with http2_server(keys, hangs=True) as server:
        sender = sender_to(server.url, keys.authority_file, response_timeout_s=0.3)
        (answer,) = delivered(sender, outgoing_of(1, ct_dataset()))
        sender.close()

    assert isinstance(answer, TryAgain)
    assert "did not answer within 0.3 s" in str(answer)


def test_a_server_that_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    with http2_server(certificates(tmp_path)) as server:
        sender = sender_to(server.url)
        with pytest.raises(TryAgain, match="cannot connect"):
            delivered(sender, outgoing_of(1, ct_dataset()))
        sender.close()

    assert server.asked == []


def test_no_server_is_said_as_such() -> None:
    sender = sender_to(f"https://127.0.0.1:{free_port()}")

    with pytest.raises(TryAgain, match=r"cannot connect to 127\.0\.0\.1"):
        delivered(sender, outgoing_of(1, ct_dataset()))
    sender.close()
