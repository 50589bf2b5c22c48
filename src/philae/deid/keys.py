"""Keyed hashes of one project: UIDs, Patient IDs, fractions for date shifts, derived pseudonyms."""

import hashlib
import re
from typing import Final

from philae.deid.errors import InvalidSecret, MissingPatientId
from philae.deid.profile import SECRET_LENGTH, HashEncoding

_BLOCK_LENGTH: Final = 64  # of SHA-256, bytes
_INNER_PAD: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD: Final = bytes(byte ^ 0x5C for byte in range(256))

_UUID_RANDOM_BITS: Final = (1 << 128) - 1 & ~(0xF << 76) & ~(0x3 << 62)
_UUID_VERSION_4: Final = 0x4 << 76 | 0x2 << 62

_HEX_SECRET: Final = re.compile(r"[0-9A-Fa-f]{32}")

# 0xFF never occurs in encoded text, so no Patient ID, UID or pseudonym can be hashed to this key.
_PSEUDONYM_LABEL: Final = b"\xffphilae derived pseudonym 1"
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PSEUDONYM_GROUPS: Final = 3
_GROUP_LENGTH: Final = 4


class Keys:
    """HMAC-SHA-256 (RFC 2104) under one secret, keyed once and copied for every text. Safe to share between threads.

    Text that ``encoding`` cannot express becomes ``?``. Nothing is stripped: pass values as they are compared.
    """

    __slots__ = ("_encoding", "_inner", "_outer")

    def __init__(self, secret: bytes, encoding: HashEncoding = "utf-8") -> None:
        block = secret.ljust(_BLOCK_LENGTH, b"\0")
        self._inner = hashlib.sha256(block.translate(_INNER_PAD))
        self._outer = hashlib.sha256(block.translate(_OUTER_PAD))
        self._encoding = encoding

    def digest(self, message: bytes) -> bytes:
        """The 32 bytes of HMAC(message)."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def uid(self, text: str) -> str:
        """The UID that stands for ``text``: ``2.25.`` and a version 4 UUID as a number; empty for blank text.

        At most 44 characters (PS3.5 B.2). The same text gives the same UID wherever it occurs.
        """
        if not text or text.isspace():
            return ""
        number = int.from_bytes(self.digest(text.encode(self._encoding, "replace"))[:16], "big")
        return f"2.25.{number & _UUID_RANDOM_BITS | _UUID_VERSION_4}"

    def patient_id(self, pseudonym: str) -> str:
        """The Patient ID of a pseudonym: up to 32 upper-case hex digits without leading zeros."""
        return f"{int.from_bytes(self.digest(pseudonym.encode(self._encoding, 'replace'))[:16], 'big'):X}"

    def fraction(self, text: str) -> float:
        """A number in [0, 1) that depends on ``text`` alone, exact to 48 bits."""
        return int.from_bytes(self.digest(text.encode(self._encoding, "replace"))[:6], "big") / (1 << 48)

    def scale(self, text: str, low: int, high: int) -> int:
        """An integer in [low, high) that depends on ``text`` alone; ``low`` when both are equal."""
        return scaled(self.fraction(text), low, high)


def scaled(fraction: float, low: int, high: int) -> int:
    """The integer at ``fraction`` of the way from ``low`` to ``high``, truncated toward ``low``."""
    return int(fraction * (high - low)) + low


def derived_pseudonym(keys: Keys, patient_id: str, issuer: str = "") -> str:
    """A pseudonym such as ``P-7QX4-M2KD-9T3C`` that needs no look-up: 60 bits of a hash, no letters I, L, O, U.

    It depends on the secret, the Patient ID and its issuer, and tells nothing about the other hashes of the project.
    Raises ``MissingPatientId`` when the Patient ID is blank.
    """
    if not patient_id.strip():
        raise MissingPatientId
    patient = patient_id.encode("utf-8", "replace")
    message = len(patient).to_bytes(4, "big") + patient + issuer.encode("utf-8", "replace")
    number = int.from_bytes(Keys(keys.digest(_PSEUDONYM_LABEL)).digest(message)[:8], "big")
    letters = "".join(_CROCKFORD[number >> shift & 0x1F] for shift in range(59, 3, -5))
    groups = (letters[at : at + _GROUP_LENGTH] for at in range(0, _PSEUDONYM_GROUPS * _GROUP_LENGTH, _GROUP_LENGTH))
    return "-".join(("P", *groups))


def parse_secret(text: str) -> bytes:
    """The 16 bytes of a secret written as 32 hex digits, dashes anywhere. Raises ``InvalidSecret``."""
    digits = text.replace("-", "")
    if not _HEX_SECRET.fullmatch(digits):
        raise InvalidSecret(f"a project secret is {SECRET_LENGTH * 2} hexadecimal digits, dashes allowed")
    return bytes.fromhex(digits)


def format_secret(secret: bytes) -> str:
    """The secret as people see it: lower-case hex, 8-4-4-4-12."""
    digits = secret.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
