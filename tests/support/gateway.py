"""A whole gateway in its own processes, for tests that send to it and look at what comes out."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from philae.admin.status import gateway_status
from philae.config.configuration import Configuration
from philae.store.database import Database, sqlite_url
from philae.store.ledger import SqlLedger

PHILAE = str(Path(sys.executable).with_name("philae"))
READY_S = 60.0


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for_port(port: int, timeout_s: float = READY_S) -> None:
    """Return once somebody listens."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@dataclass
class Gateway:
    """``philae serve`` on a data folder; survives being killed: `start` again goes on where it was."""

    data: Path
    document: str
    port: int = field(default_factory=free_port)
    web_port: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        self.data.mkdir(parents=True, exist_ok=True)
        config = self.data.parent / f"{self.data.name}.yml"
        config.write_text(self.document)
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [PHILAE, "serve", "--data", str(self.data), "--config", str(config)],
                env={
                    **os.environ,
                    "PHILAE_DICOM_HOST": "127.0.0.1",
                    "PHILAE_DICOM_PORT": str(self.port),
                    "PHILAE_WEB_PORT": str(self.web_port or "off"),
                    **self.environment,
                },
                stderr=log,
                stdout=log,
            )
        self._await_processes()
        wait_for_port(self.port)
        if self.web_port is not None:
            wait_for_port(self.web_port)
        return self

    def _await_processes(self) -> None:
        """Return once it has an intake and a worker."""
        deadline = time.monotonic() + READY_S
        while len(self.children()) < 2:
            assert self._process is not None
            assert self._process.poll() is None, self.log[-4000:]
            assert time.monotonic() < deadline, self.log[-4000:]
            time.sleep(0.05)

    @property
    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text()

    def stop(self, timeout_s: float = 60.0) -> int:
        """SIGTERM; the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout_s)
        finally:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """SIGKILL to the parent; its children notice."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def children(self) -> list[int]:
        """Pids of intakes and workers."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def workers(self) -> list[int]:
        """Pids of workers: they, not intakes, listen for the bell."""
        listening = {int(path.name.split("-")[0]) for path in (self.data / "run").glob("*.bell")}
        return [pid for pid in self.children() if pid in listening]

    def intakes(self) -> list[int]:
        """Pids of intakes, and of workers that have just begun."""
        return [pid for pid in self.children() if pid not in self.workers()]

    def status(self) -> dict[str, dict[str, int]]:
        """What ``philae status --json`` prints."""
        output = subprocess.run(
            [PHILAE, "status", "--data", str(self.data), "--json"], check=True, capture_output=True
        ).stdout
        return json.loads(output)

    def settled(self, timeout_s: float = 120.0) -> dict[str, int]:
        """The deliveries' counts once none waits; the identity is asserted on the way."""
        database = Database(sqlite_url(self.data / "philae.db"))
        ledger = SqlLedger(database)
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                tally = gateway_status(ledger.counts(), Configuration()).deliveries
                assert tally.balanced, tally
                if not tally.waiting:
                    return tally.as_words()
                assert time.monotonic() < deadline, f"still waiting: {tally}\n{self.log[-4000:]}"
                time.sleep(0.1)
        finally:
            database.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
