"""Where the keys come from that seal secrets: a file in the data folder, or the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.fernet import Fernet

from philae.pipeline.ports import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_FILE: Final = "secret.key"
"""In the data folder."""


class UnusableKey(LedgerUnavailable):
    """There is no key, or what is given as one is none."""


class Keys(Protocol):
    """One key or more; the first one seals, the others only open what was sealed before."""

    @property
    def place(self) -> str:
        """Where they stand, for messages."""

    def read(self, *, make: bool) -> Sequence[str]:
        """The keys as they are now; with ``make``, one is made where none ever was. Raises `UnusableKey`."""


def new_key() -> str:
    """32 random bytes in URL-safe Base64."""
    return Fernet.generate_key().decode("ascii")


@dataclass(frozen=True, slots=True)
class GivenKeys:
    """Keys from the settings, separated by commas or white space."""

    text: str = field(repr=False)

    @property
    def place(self) -> str:
        return "PHILAE_SECRET_KEY"

    def read(self, *, make: bool) -> Sequence[str]:
        return _parsed(self.text, self.place)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file with one key a line, readable by its owner only; made when the first secret is sealed."""

    path: Path

    @property
    def place(self) -> str:
        return str(self.path)

    def read(self, *, make: bool) -> Sequence[str]:
        try:
            return _parsed(self.path.read_text(encoding="ascii", errors="replace"), self.place)
        except FileNotFoundError:
            if not make:
                raise UnusableKey(f"{self.place}, the key of all stored secrets, is gone; bring it back") from None
        except OSError as error:
            raise UnusableKey(f"{self.place} cannot be read: {error.strerror}") from error
        self._put([new_key()], replace=False)
        return self.read(make=False)

    def bring_in_new(self) -> None:
        """A new key seals from now on, the others still open. Raises `UnusableKey`."""
        self._put([new_key(), *self.read(make=True)], replace=True)

    def forget_old(self) -> None:
        """Keep the newest key, and the one before: what a running process seals with it just now can still be opened."""
        self._put(self.read(make=False)[:2], replace=True)

    def _put(self, keys: Sequence[str], *, replace: bool) -> None:
        """Write the file whole or not at all; an existing one stays unless it is to be replaced."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = mkstemp(dir=self.path.parent, prefix=self.path.name)
            try:
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.writelines(f"{key}\n" for key in keys)
                    file.flush()
                    os.fsync(file.fileno())
                _place(Path(name), self.path, replace=replace)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise UnusableKey(f"{self.place} cannot be written: {error.strerror}") from error


def _place(written: Path, path: Path, *, replace: bool) -> None:
    if replace:
        written.replace(path)
    else:
        try:
            path.hardlink_to(written)
        except FileExistsError:
            return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parsed(text: str, place: str) -> Sequence[str]:
    keys = text.replace(",", " ").split()
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        keys = []
    if not keys:
        raise UnusableKey(f"{place} holds no key; `philae keys new` makes one: 32 bytes in URL-safe Base64")
    return keys
