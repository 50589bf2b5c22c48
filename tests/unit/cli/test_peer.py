import socket
from pathlib import Path

import pytest

from philae.cli.failure import Misuse
from philae.cli.peer import address_of
from tests.support.commands import Philae


@pytest.mark.parametrize(
    "peer, expected",
    [
        ("ARCHIVE@10.1.2.3:104", ("ARCHIVE", "10.1.2.3", 104)),
        ("A B@pacs.example:11112", ("A B", "pacs.example", 11112)),
        ("X@[::1]:4242", ("X", "::1", 4242)),
    ],
)
def test_a_peer_is_title_host_and_port(peer: str, expected: tuple[str, str, int]) -> None:
    address = address_of(peer, "PHILAE")

    assert (address.called_ae_title, address.host, address.port) == expected
    assert address.calling_ae_title == "PHILAE"


@pytest.mark.parametrize(
    "peer",
    [
        "",
        "ARCHIVE",
        "ARCHIVE@host",
        "@host:104",
        "A@:104",
        "A@host:0",
        "A@host:70000",
        "A" * 17 + "@host:1",
        "A\\B@host:1",
    ],
)
def test_what_is_no_peer_is_misuse(peer: str) -> None:
    with pytest.raises(Misuse):
        address_of(peer, "PHILAE")


def test_a_calling_ae_title_is_checked_too() -> None:
    with pytest.raises(Misuse, match="no AE title"):
        address_of("A@host:1", "x" * 17)


@pytest.mark.parametrize("command", ["echo", "send"])
def test_a_peer_that_is_not_there_is_one_clear_line(philae: Philae, command: str, image: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        peer = f"NOBODY@127.0.0.1:{free.getsockname()[1]}"

    ran = philae(command, peer, *([image] if command == "send" else []))

    assert ran.code == 1
    assert "Connection refused" in ran.complaint
