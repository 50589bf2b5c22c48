"""What pages that stand open cost a gateway at work: the same instances with nobody and with many following them live."""

import selectors
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Final

from benchmarks.chain import Gateway, relay, start_chain
from benchmarks.measure import Case, Sample
from benchmarks.peers.philae import data_folder, philae_gateway
from benchmarks.processes import HOST, PeerFailed, free_port
from benchmarks.settings import Settings
from benchmarks.workload import Workload, small
from philae.admin.users import Role, create
from philae.admin.users_sessions import start
from philae.app.gateway import open_database
from philae.config.settings import Settings as GatewaySettings
from philae.store.users import SqlSessionStore, SqlUserStore
from philae.web.cookies import SESSION
from philae.web.passwords import Argon2Passwords

NOBODY: Final = "Philae, no page open"
MANY: Final = "Philae, 200 pages open"
PAGES: Final = {NOBODY: 0, MANY: 200}
ASSOCIATIONS: Final = 4
LONGER: Final = 5
"""Times the small workload, since pages are told something every other second only."""
START_S: Final = 30.0


def cases(settings: Settings) -> Iterator[Case]:
    """Return the two in turn."""
    workload = small(settings.workloads, LONGER * settings.small)
    for peer, pages in PAGES.items():
        if settings.wants(peer):
            yield Case("watched", workload.name, ASSOCIATIONS, peer, partial(_relay, settings, workload, pages))


def _relay(settings: Settings, workload: Workload, pages: int) -> Sample:
    count, web_port = len(workload.files), free_port()
    watched = Gateway("Philae", partial(philae_gateway, environment={"PHILAE_WEB_PORT": str(web_port)}))
    with ExitStack() as stack:
        chain = start_chain(stack, settings, watched, ASSOCIATIONS)
        if chain.gateway is None:
            raise PeerFailed("no gateway was started")
        _asked(web_port, "/healthz").close()  # it has started, watched or not
        cookie = _signed_in(data_folder(chain.gateway.log.parent))
        heard = stack.enter_context(_open_pages(web_port, cookie, pages))
        relayed = relay(chain, settings, workload, ASSOCIATIONS)
        silent = pages - sum(1 for size in heard.values() if size)
    faults = [*relayed.faults, *([f"{silent} pages heard nothing"] if silent else [])]
    return Sample({"rate": count / relayed.elapsed_s, "cpu_ms": 1000 * relayed.cpu_s / count}, "; ".join(faults))


def _signed_in(data: Path) -> str:
    """The cookie of somebody new."""
    database = open_database(GatewaySettings(data=data))
    try:
        now = datetime.now(UTC)
        user = create(
            SqlUserStore(database), Argon2Passwords(), "bench", "correct horse battery staple", [Role.ADMIN], now
        )
        return f"{SESSION}={start(SqlSessionStore(database), user, 'bench', now)}"
    finally:
        database.close()


@contextmanager
def _open_pages(port: int, cookie: str, pages: int) -> Iterator[dict[int, int]]:
    """How many bytes each has heard; one that the gateway leaves is forgotten."""
    done, heard = Event(), {}
    with selectors.DefaultSelector() as selector:
        for _ in range(pages):
            stream = _asked(port, "/live/events?part=standing", cookie)
            heard[stream.fileno()] = 0
            selector.register(stream, selectors.EVENT_READ, stream)
        reader = Thread(target=_read, args=(selector, heard, done))
        reader.start()
        try:
            yield heard
        finally:
            done.set()
            reader.join()
            for key in list(selector.get_map().values()):
                key.data.close()


def _read(selector: selectors.BaseSelector, heard: dict[int, int], done: Event) -> None:
    while not done.wait(0.05):
        for key, _ in selector.select(0):
            data = key.data.recv(1 << 18)
            heard[key.fd] += len(data)
            if not data:
                heard[key.fd] = 0
                selector.unregister(key.fileobj)
                key.data.close()


def _asked(port: int, path: str, cookie: str = "") -> socket.socket:
    """The connection on which the answer begins. Raises `PeerFailed`."""
    connection = socket.create_connection((HOST, port), timeout=START_S)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
    if not connection.recv(1 << 16).startswith(b"HTTP/1.1 200"):
        raise PeerFailed(f"the gateway does not answer {path}")
    return connection
