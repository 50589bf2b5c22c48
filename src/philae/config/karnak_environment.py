"""Karnak's environment variables for what settings of ours also say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAME: Final = {
    "MAIL_SMTP_HOST": "mail_host",
    "MAIL_SMTP_SENDER": "mail_from",
    "KARNAK_LOGS_MAX_INDEX": "log_files",
    "KARNAK_CLINICAL_LOGS_MAX_INDEX": "clinical_log_files",
}
_SIZES: Final = {
    "KARNAK_LOGS_MAX_FILE_SIZE": "log_max_bytes",
    "KARNAK_CLINICAL_LOGS_MAX_FILE_SIZE": "clinical_log_max_bytes",
}
_OIDC: Final = {
    "OIDC_ISSUER_URI": "oidc_issuer",
    "OIDC_CLIENT_ID": "oidc_client_id",
    "OIDC_CLIENT_SECRET": "oidc_client_secret",
}
_UNITS: Final = {"": 0, "K": 10, "M": 20, "G": 30}
_SIZE: Final = re.compile(r"(\d+) ?([KMG]?)B?", re.IGNORECASE)


def settings_of_karnak(environment: Mapping[str, str]) -> dict[str, str | int]:
    """Our settings as far as Karnak's variables, those that are not empty, say them."""
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    found: dict[str, str | int] = {ours: given[theirs] for theirs, ours in _SAME.items() if theirs in given}
    found |= {ours: _bytes(given[theirs]) for theirs, ours in _SIZES.items() if theirs in given}
    if "MAIL_SMTP_HOST" in given:
        found |= _mail(given)
    if given.get("IDP", "").lower() == "oidc":
        found |= {ours: given[theirs] for theirs, ours in _OIDC.items() if theirs in given}
        found["oidc_roles_claim"] = "resource_access.karnak.roles"
    if given.get("ENVIRONMENT", "").upper() == "DEV":
        found["log_mode"] = "development"
    return found


def _mail(given: Mapping[str, str]) -> dict[str, str | int]:
    """No type means no authentication and no TLS; port 0 means the usual one."""
    port = given.get("MAIL_SMTP_PORT", "0")
    found: dict[str, str | int] = {} if port == "0" else {"mail_port": port}
    kind = given.get("MAIL_SMTP_TYPE")
    if kind is None:
        return found | {"mail_security": "none"}
    found["mail_security"] = "tls" if kind.upper() == "SSL" else "starttls"
    for theirs, ours in (("MAIL_SMTP_USER", "mail_user"), ("MAIL_SMTP_SECRET", "mail_password")):
        if theirs in given:
            found[ours] = given[theirs]
    return found


def _bytes(size: str) -> str | int:
    """``50MB`` as a number; what is no size stays as it is, and is complained of as a setting."""
    match = _SIZE.fullmatch(size)
    return int(match[1]) << _UNITS[match[2].upper()] if match else size
