"""Philae itself, run as its users run it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks.processes import HOST, PeerFailed, Server, free_port, start
from benchmarks.scu import Association

AE_TITLE = "PHILAE"
NOTHING: Mapping[str, str] = MappingProxyType({})
PASSED_ON = frozenset({"PHILAE_INTAKES", "PHILAE_WORKERS"})
PROFILE = """\
name: bench
version: "1.0"
minimumKarnakVersion: "0.9.2"
profileElements:
  - name: "DICOM basic profile"
    codename: "basic.dicom.profile"
"""
DOCUMENT = """\
profiles:
  - file: profile.yml
projects:
  - {{name: Bench, profile: bench, secret: 0123456789abcdef0123456789abcdef}}
forward_nodes:
  - ae_title: {ae_title}
    description: benchmark
    destinations:
      - name: receiver
        kind: dicom
        ae_title: ANY
        hostname: {host}
        port: {port}
        associations: {associations}
        deidentify: {{project: Bench, pseudonym: {{kind: derived}}}}
"""


def philae_receiver(folder: Path, associations: int, *, durability: str = "sync") -> Server:
    """Start Philae so that it receives to its spool and ledger only: nothing listens where its one worker would deliver."""
    return _serve(folder, free_port(), associations, durability, {"PHILAE_WORKERS": "1"})


def philae_gateway(
    folder: Path,
    associations: int,
    destination_port: int,
    *,
    durability: str = "sync",
    environment: Mapping[str, str] = NOTHING,
    notify: str = "",
) -> Server:
    """Start the whole gateway, which sends mails if it is told how to ``notify``.

    It opens as many associations to the destination as come in, and no more than there are cores.
    """
    return _serve(folder, destination_port, associations, durability, environment, notify)


def data_folder(folder: Path) -> Path:
    """Return where the gateway that was started in ``folder`` keeps its data."""
    return folder / "data"


def philae_program() -> str:
    """Return the ``philae`` command of this environment."""
    return str(Path(sys.executable).with_name("philae"))


def philae_serving(
    folder: Path, document: str, *, durability: str = "sync", extra: Mapping[str, str] = NOTHING
) -> Server:
    """Start a gateway that is configured by ``document``, whose first node is `AE_TITLE`; `PROFILE` is beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "gateway.yml"
    (folder / "profile.yml").write_text(PROFILE)
    file.write_text(document)
    port = free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith("PHILAE_") or key in PASSED_ON}
    env |= {"PHILAE_DICOM_PORT": str(port), "PHILAE_WEB_PORT": "off", "PHILAE_DURABILITY": durability, **extra}
    name = "Philae" if durability == "sync" else "Philae, durability off"
    command = [philae_program(), "serve", "--data", str(data_folder(folder)), "--config", str(file)]
    server = start(name, command, port, folder, env=env, ae_title=AE_TITLE)
    try:
        with Association(port, AE_TITLE) as association:
            association.release()
    except (OSError, PeerFailed) as error:
        server.stop()
        raise PeerFailed(f"{name} does not take associations: {error}") from error
    return server


def _serve(
    folder: Path, destination_port: int, associations: int, durability: str, extra: Mapping[str, str], notify: str = ""
) -> Server:
    lanes = min(associations, os.cpu_count() or 1)
    document = DOCUMENT.format(ae_title=AE_TITLE, host=HOST, port=destination_port, associations=lanes)
    if notify:
        document += f"        notify: {notify}\n"
    return philae_serving(folder, document, durability=durability, extra=extra)
