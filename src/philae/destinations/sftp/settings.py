"""What an SFTP destination is told: which server, how to know it, as whom, and which names files get."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from typing_extensions import override

from philae.config.fields import AtOnce, FilePath, Port, Seconds
from philae.config.kinds import DestinationSettings
from philae.config.secret import Secret
from philae.pipeline.layout import BY_SERIES, check_layout

_KEY_KINDS: Final = ("ssh-", "ecdsa-", "sk-")


SHORTEST_KEY: Final = 32


def _split(value: Any) -> Any:
    """A comma-separated text as a list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class SftpSettings(DestinationSettings):
    """``{kind: sftp, hostname: 10.0.0.7, username: philae, host_key: ssh-ed25519 AAAA..., key: id_ed25519}``."""

    kind_name: ClassVar[str] = "sftp"
    kind: Literal["sftp"] = "sftp"
    hostname: str = Field(min_length=1)
    port: Port = 22
    host_key: str
    """The server's public keys, one a line, as ``ssh-keyscan`` prints them; no other server is talked to."""
    username: str = Field(min_length=1)
    password: Secret | None = Field(default=None, repr=False)
    key: FilePath | None = None
    """Our private key, a file; a relative path starts at the folder of the configuration document."""
    passphrase: Secret | None = Field(default=None, repr=False)
    """Of the private key."""
    path: str = "."
    """A folder on the server; a relative one starts where a login arrives."""
    layout: Annotated[str, AfterValidator(check_layout)] = BY_SERIES
    marker: str = ""
    """A file with this name appears in each folder once all of a batch that goes there is there."""
    exclude: Annotated[tuple[str, ...], BeforeValidator(_split)] = ()
    """Patterns such as ``*.dcm`` or ``1.2.*/*``; files whose name or path below ``path`` fits are not sent."""
    connections: AtOnce = 1
    """How many series may be under way at once; 1 keeps total order."""
    connect_timeout_s: Seconds = 10.0
    response_timeout_s: Seconds = 120.0

    @property
    @override
    def lanes(self) -> int:
        """One connection a lane."""
        return self.connections

    @property
    def host_keys(self) -> tuple[str, ...]:
        """The pinned keys as ``kind base64``."""
        return tuple(_key(line) for line in self.host_key.splitlines() if line.strip() and not line.startswith("#"))

    @field_validator("host_key")
    @classmethod
    def _readable(cls, text: str) -> str:
        if not any(_key(line) for line in text.splitlines() if line.strip() and not line.startswith("#")):
            raise ValueError("host_key holds no key; write what ssh-keyscan prints of the server")
        return text

    @field_validator("marker")
    @classmethod
    def _is_name(cls, marker: str) -> str:
        if "/" in marker or marker in {".", ".."} or not marker.isprintable():
            raise ValueError("marker must be the name of a file, such as .complete")
        return marker

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        if self.password is None and self.key is None:
            raise ValueError("give a password or the path of a private key")
        return self


def _key(line: str) -> str:
    """``kind base64`` out of a line of known_hosts or of a .pub file. Raises ValueError."""
    words = line.split()
    kinds = [number for number, word in enumerate(words[:-1]) if word.startswith(_KEY_KINDS)]
    if not kinds or not _is_base64(words[kinds[0] + 1]):
        raise ValueError("host_key must be lines such as ssh-ed25519 AAAA...; ssh-keyscan prints them")
    return f"{words[kinds[0]]} {words[kinds[0] + 1]}"


def _is_base64(word: str) -> bool:
    try:
        return len(base64.b64decode(word, validate=True)) >= SHORTEST_KEY
    except binascii.Error:
        return False
