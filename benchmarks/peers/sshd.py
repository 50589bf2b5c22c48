"""OpenSSH's server and its sftp command."""

import getpass
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import HOST, Server, free_port, start, system_program

SFTP_SERVER = "/usr/lib/openssh/sftp-server"


def sshd(folder: Path) -> Server:
    """Start sshd as the current user; it takes the key ``user`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in ("host", "user"):
        key = [system_program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)]
        subprocess.run(key, check=True)
    port = free_port()
    options = {
        "Port": port,
        "ListenAddress": HOST,
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "user.pub",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "yes",
        "Subsystem": f"sftp {SFTP_SERVER}",
    }
    Path("/run/sshd").mkdir(exist_ok=True) if os.geteuid() == 0 else None
    arguments = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return start("sshd", [system_program("sshd"), "-D", "-e", "-f", "/dev/null", *arguments], port, folder)


def sftp_settings(server: Server, folder: Path, target: Path) -> dict[str, object]:
    """Return what our destination is told."""
    return {
        "kind": "sftp",
        "hostname": HOST,
        "port": server.port,
        "username": getpass.getuser(),
        "host_key": (folder / "host.pub").read_text(),
        "key": str(folder / "user"),
        "path": str(target),
    }


def sftp_batch(server: Server, folder: Path, files: Sequence[Path], target: Path) -> list[str]:
    """Return the command that puts ``files`` below ``target``, each synced as ours are (``put -f``)."""
    target.mkdir(parents=True, exist_ok=True)
    batch = folder / "batch"
    batch.write_text("".join(f"put -f {path} {target / path.name}\n" for path in files))
    known = folder / "known_hosts"
    known.write_text(f"[{HOST}]:{server.port} {(folder / 'host.pub').read_text()}")
    options = ["-o", f"UserKnownHostsFile={known}", "-o", "IdentitiesOnly=yes", "-i", str(folder / "user")]
    return [system_program("sftp"), "-q", "-F", "none", *options, "-P", str(server.port), "-b", str(batch), HOST]
