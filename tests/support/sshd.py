"""OpenSSH's server as the current user, on a port of the loopback interface."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.support.gateway import free_port, wait_for_port

SFTP_SERVER = "/usr/lib/openssh/sftp-server"


@dataclass
class Sshd:
    """Takes the one key in ``folder``; it can be stopped and started again on its port."""

    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        for name in ("host", "user", "stranger"):
            key = ["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(self.folder / name)]
            subprocess.run(key, check=True)

    def start(self) -> Self:
        options = {
            "Port": self.port,
            "ListenAddress": "127.0.0.1",
            "HostKey": self.folder / "host",
            "AuthorizedKeysFile": self.folder / "user.pub",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "PermitRootLogin": "yes",
            "Subsystem": f"sftp {SFTP_SERVER}",
        }
        arguments = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        Path("/run/sshd").mkdir(exist_ok=True) if os.geteuid() == 0 else None
        with (self.folder / "sshd.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", *arguments], stdout=log, stderr=log
            )
        wait_for_port(self.port)
        return self

    def stop(self) -> None:
        """The listener and its connections."""
        assert self._process is not None
        for child in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split():
            os.kill(int(child), 9)
        self._process.kill()
        self._process.wait()

    def settings(self, path: Path, **changes: Any) -> dict[str, Any]:
        """Of a destination that writes below ``path`` of this machine."""
        return {
            "hostname": "127.0.0.1",
            "port": self.port,
            "username": pwd.getpwuid(os.getuid()).pw_name,
            "host_key": (self.folder / "host.pub").read_text(),
            "key": str(self.folder / "user"),
            "path": str(path),
            **changes,
        }

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
