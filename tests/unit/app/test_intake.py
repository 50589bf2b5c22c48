from __future__ import annotations

import asyncio
import socket

import pytest

from philae.app.intake import PortTaken, listen, listen_within
from tests.support.awaiting import awaited


def test_a_taken_port_is_said_in_words_with_its_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortTaken, match=rf"cannot listen on 127\.0\.0\.1:{port}.*PHILAE_DICOM_PORT"):
            listen("127.0.0.1", port)


def test_intakes_of_one_machine_share_a_port_when_told_to() -> None:
    with listen("127.0.0.1", 0, shared=True) as first:
        port = first.getsockname()[1]

        with listen("127.0.0.1", port, shared=True) as second:
            assert second.getsockname()[1] == port


def test_the_web_server_holds_no_answer_back_until_the_one_before_is_acknowledged() -> None:
    """Nagle's algorithm would cost an answer in two pieces 40 ms; asyncio turns it off only on some sockets."""

    async def served() -> int:
        turned_off: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connected = writer.get_extra_info("socket")
            turned_off.set_result(connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = listen("127.0.0.1", 0)
        async with await asyncio.start_server(serve, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.close()
            return await turned_off

    assert awaited(served())


def test_patience_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortTaken):
        listen_within("127.0.0.1", taken.getsockname()[1], patience_s=0.0)
