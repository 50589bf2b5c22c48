"""Passwords hashed by argon2id (RFC 9106)."""

from __future__ import annotations

import secrets
from threading import Semaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_AT_ONCE: Final = 2
"""Each takes 64 MiB for a tenth of a second: who knocks often waits, and takes no more than this."""


class Argon2Passwords:
    """`philae.admin.users.Passwords`."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()  # the second recommendation of RFC 9106 4: 64 MiB, 3 passes
        self._turns = Semaphore(_AT_ONCE)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(password)

    def verify(self, password_hash: str, password: str) -> bool:
        """An empty hash costs as much as any other: nobody learns from the time who has an account."""
        with self._turns:
            try:
                self._hasher.verify(password_hash or self._nobody, password)
            except (VerifyMismatchError, InvalidHashError):
                return False
        return bool(password_hash)
