"""Seals what the database must not tell whoever has the database alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from philae.pipeline.ports import LedgerUnavailable

if TYPE_CHECKING:
    from philae.store.secret_keys import Keys


class SealedOtherwise(LedgerUnavailable):
    """Something in the database was sealed with a key that is not there."""


class Vault:
    """Seals with the first of its keys, opens with any (Fernet: AES-128-CBC and HMAC-SHA-256). Safe for many threads."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._fernet: MultiFernet | None = None

    def seal(self, text: str) -> str:
        """Sealed with the first key as it stands now, so that nothing is sealed with a key that is going out of use.

        Raises `UnusableKey`.
        """
        return self._fresh(make=True).encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """What was sealed. Raises `SealedOtherwise`, `UnusableKey`."""
        fernet = self._fernet
        if fernet is not None:
            try:
                return fernet.decrypt(sealed).decode()
            except InvalidToken:
                """Another process has brought in a new key, perhaps."""
        try:
            return self._fresh(make=False).decrypt(sealed).decode()
        except InvalidToken:
            raise SealedOtherwise(
                f"the database was sealed with another key than {self._keys.place} holds; bring that key back"
            ) from None

    def reseal(self, sealed: str) -> str:
        """The same, sealed with the first key. Raises `SealedOtherwise`, `UnusableKey`."""
        return self.seal(self.open(sealed))

    def _fresh(self, *, make: bool) -> MultiFernet:
        self._fernet = MultiFernet([Fernet(key) for key in self._keys.read(make=make)])
        return self._fernet
