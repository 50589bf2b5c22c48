"""`philae demo`: a synthetic study through a whole gateway, and what became of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.failure import fail

if TYPE_CHECKING:
    from philae.admin.status import GatewayStatus
    from philae.cli.demo_receiver import DemoReceiver

NODE: Final = "PHILAE"
SECRET: Final = "0123456789abcdef0123456789abcdef"  # noqa: S105 - the demo's patients are invented
PROFILE: Final = """\
name: Basic Profile
version: "1.0"
profileElements:
  - name: Basic DICOM confidentiality profile
    codename: basic.dicom.profile
"""
DOCUMENT: Final = """\
profiles:
  - file: profile.yml
projects:
  - {{name: Demo, profile: Basic Profile, secret: {secret}}}
forward_nodes:
  - ae_title: PHILAE
    description: The demo's forward node
    destinations:
      - name: archive
        kind: dicom
        ae_title: ARCHIVE
        hostname: 127.0.0.1
        port: {port}
        deidentify: {{project: Demo}}
      - name: folder
        kind: folder
        path: delivered
        deidentify: {{project: Demo}}
"""
MORE_NODES: Final = """\
  - ae_title: RESEARCH
    description: Instances that a person has to see to
    destinations:
      - name: by pseudonym table
        kind: folder
        path: research
        deidentify: {{project: Demo, pseudonym: {{kind: table}}}}
      - name: out of reach
        kind: dicom
        ae_title: NOBODY
        hostname: 127.0.0.1
        port: {port}
        deidentify: {{project: Demo}}
"""
"""What pages have to show when not everything goes well."""
MORE_STUDIES: Final = range(2, 6)
WEB_PORT: Final = 8080
PATIENCE_S: Final = 60.0
_SETUP: Final = re.compile(r"/set-up/\S+")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(demo)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Stay up after the study went through, until Ctrl-C.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Where to work; a new temporary folder otherwise.")] = None,
) -> None:
    """Send a synthetic study through a gateway to a receiver and a folder, and show what became of it.

    A gateway that stays up gets more studies and serves its pages.
    """
    from philae.cli.demo_receiver import DemoReceiver
    from philae.demo import write_study

    root = (folder or Path(mkdtemp(prefix="philae-demo-"))).resolve()
    study = write_study(root / "study")
    receiver = DemoReceiver(root / "received")
    running = _start(root, receiver, stays=keep)
    try:
        _send(study, running.port)
        found = _settled(running)
        _show(root, study, receiver, found)
        if keep:
            for seed in MORE_STUDIES:
                more = write_study(root / f"study{seed}", seed)
                _send(more, running.port, "RESEARCH" if seed == MORE_STUDIES[-1] else NODE)
            _say(f"\nThe gateway listens on port {running.port} as {NODE}; send to it, or end it with Ctrl-C.")
            _say(f"Its pages: http://127.0.0.1:{running.web_port}/")
            _say(f"Become their administrator, once: {_setup_link(running)}")
            _wait_to_be_ended()
    finally:
        status = running.stop()
        receiver.stop()
    if status:
        fail(f"the gateway ended with status {status}; see {running.log}")
    if found.deliveries.as_words()["sent"] != 2 * len(study):
        fail(f"not everything was delivered; see {running.log}")


@dataclass(frozen=True, slots=True)
class _Running:
    """The demo's gateway: ``philae serve`` in a process of its own."""

    process: subprocess.Popen[bytes]
    data: Path
    port: int
    web_port: int
    log: Path

    def stop(self) -> int:
        """Drain it; its exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)


def _start(root: Path, receiver: DemoReceiver, *, stays: bool) -> _Running:
    (root / "profile.yml").write_text(PROFILE)
    document = root / "philae.yml"
    text = DOCUMENT.format(secret=SECRET, port=receiver.port)
    document.write_text(text + MORE_NODES.format(port=_free_port()) if stays else text)
    port, web_port = _free_port(), _free_port(WEB_PORT) if stays else 0
    log = root / "gateway.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "philae", "serve", "--data", str(root / "data"), "--config", str(document)],
            env={
                **os.environ,
                "PHILAE_DICOM_HOST": "127.0.0.1",
                "PHILAE_DICOM_PORT": str(port),
                "PHILAE_WEB_PORT": str(web_port or "off"),
            },
            stderr=output,
        )
    running = _Running(process, root / "data", port, web_port, log)
    _wait_until_it_listens(running)
    return running


def _wait_to_be_ended() -> None:
    """Not by `signal.sigwait`: the receiver's threads would take the signal, and nobody would stop the gateway."""
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()


def _free_port(wanted: int = 0) -> int:
    """A port of the loopback interface that nobody listens on, ``wanted`` if possible."""
    try:
        with socket.create_server(("127.0.0.1", wanted)) as free:
            return int(free.getsockname()[1])
    except OSError:
        return _free_port()


def _setup_link(running: _Running) -> str:
    """The one-time address by which a browser becomes the administrator's, once the gateway has told it."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := _SETUP.search(running.log.read_text())) is None:
        if running.process.poll() is not None or time.monotonic() > deadline:
            return "(none: the web interface did not start; see the gateway's log)"
        time.sleep(0.05)
    return f"http://127.0.0.1:{running.web_port}{found[0]}"


def _wait_until_it_listens(running: _Running) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", running.port), timeout=1).close()
        except OSError:
            if running.process.poll() is not None or time.monotonic() > deadline:
                running.process.kill()
                fail("the gateway did not start:", running.log.read_text())
            time.sleep(0.05)
        else:
            return


def _send(study: list[Path], port: int, node: str = NODE) -> None:
    from philae.cli.send import send_files

    _say(f"Sending {len(study)} instances to {node}@127.0.0.1:{port} by C-STORE ...")
    send_files(study, host="127.0.0.1", port=port, called_ae_title=node, calling_ae_title="MODALITY")


def _settled(running: _Running) -> GatewayStatus:
    """The gateway's status once nothing waits, or patience is at its end."""
    from philae.admin.status import gateway_status
    from philae.app.gateway import config_store, open_database
    from philae.config.settings_sources import load_settings
    from philae.store.ledger import SqlLedger

    database = open_database(load_settings(data=running.data))
    ledger, configurations = SqlLedger(database), config_store(database)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = gateway_status(ledger.counts(), configurations.current())
        if not found.deliveries.waiting or time.monotonic() > deadline:
            database.close()
            return found
        time.sleep(0.1)


def _show(root: Path, study: list[Path], receiver: DemoReceiver, found: GatewayStatus) -> None:
    from philae.cli.preview import show_preview
    from philae.cli.status import show_status

    show_status(found)
    words = found.deliveries.as_words()
    arrived = len(list(receiver.folder.glob("*.dcm")))
    filed = len(list((root / "delivered").rglob("*.dcm")))
    _say(f"Received by the gateway: {found.accepted} instances of {len(study)} sent.")
    _say(f"Delivered: {words['sent']} ({arrived} stored by the receiver, {filed} files in the folder).")
    _say(
        f"Excluded: {words['excluded']}; held: {words['held']}; failed: {words['failed']}; waiting: {words['waiting']}."
    )
    _say(f"\nWhat the Basic Profile did to {study[0].name}:")
    show_preview(study[0], root / "profile.yml", SECRET, "Demo")
    _say("\nWhere things are:")
    for what, where in (
        ("sent by the demo", root / "study"),
        ("stored by the receiver", receiver.folder),
        ("written to the folder", root / "delivered"),
        ("ledger and spool", root / "data"),
        ("log of the gateway", root / "gateway.log"),
        ("configuration", root / "philae.yml"),
    ):
        _say(f"  {what:24} {where}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
