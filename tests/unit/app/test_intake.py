from __future__ import annotations

import socket

import pytest

from philae.app.intake import PortTaken, listen, listen_within


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


def test_patience_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortTaken):
        listen_within("127.0.0.1", taken.getsockname()[1], patience_s=0.0)
