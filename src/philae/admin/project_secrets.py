"""The secrets of a project: made, imported, taken up again."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from philae.admin.declined import Declined, Missing
from philae.admin.projects import changed, project_named
from philae.deid.errors import InvalidSecret
from philae.deid.keys import format_secret, parse_secret
from philae.deid.profile import SECRET_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from philae.config.configuration import Configuration
    from philae.config.project import ProjectSettings

CONSEQUENCE: Final = (
    "what is de-identified from now on gets other UIDs, Patient IDs and dates than before, even for the same patient"
)
"""What every change of a secret means."""
_FINGERPRINT_LABEL: Final = b"philae project secret fingerprint 1"


@dataclass(frozen=True, slots=True)
class PastSecret:
    """A secret that a project has, or has had."""

    secret: bytes = field(repr=False)
    first_used_at: datetime

    @property
    def fingerprint(self) -> str:
        """Such as ``3F9A-C1E2``: tells secrets apart, here and at other sites, and nothing about them."""
        return fingerprint(self.secret)


class SecretHistory(Protocol):
    """Every secret that the projects have had."""

    def of(self, project: str) -> Sequence[PastSecret]:
        """Newest first, the one in use among them. Raises `LedgerUnavailable`."""


def fingerprint(secret: bytes) -> str:
    """32 bits of a hash of the secret, which has four times as many."""
    digits = hashlib.sha256(_FINGERPRINT_LABEL + secret).hexdigest()[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


def changed_secrets(before: Configuration, after: Configuration) -> tuple[str, ...]:
    """A warning for each project whose secret is not the one that it had."""
    found = []
    for project in after.projects:
        earlier = before.project(project.name)
        if earlier is not None and _bytes(earlier) != _bytes(project):
            found.append(f"project {project.name!r} has another secret: {CONSEQUENCE}")
    return tuple(found)


def with_new_secret(configuration: Configuration, name: str) -> tuple[Configuration, str]:
    """The project with a secret nobody had, and that secret, to be shown once. Raises `Declined`."""
    project = project_named(configuration, name)
    text = format_secret(secrets.token_bytes(SECRET_LENGTH))
    return changed(configuration, project.model_copy(update={"secret": text})), text


def with_imported_secret(configuration: Configuration, name: str, text: str) -> Configuration:
    """The project with a secret from elsewhere: 32 hex digits, dashes allowed. Raises `Declined`."""
    project = project_named(configuration, name)
    try:
        secret = parse_secret(text.strip())
    except InvalidSecret as error:
        raise Declined(str(error)) from error
    if _bytes(project) == secret:
        raise Declined(f"project {name!r} has this secret already")
    return changed(configuration, project.model_copy(update={"secret": format_secret(secret)}))


def with_past_secret(configuration: Configuration, name: str, wanted: str, history: SecretHistory) -> Configuration:
    """The project with the secret of this fingerprint, which it has had before. Raises `Declined`."""
    project_named(configuration, name)
    past = history.of(name)
    found = next((each for each in past if each.fingerprint == wanted.strip().upper()), None)
    if found is None:
        known = ", ".join(each.fingerprint for each in past) or "none"
        raise Missing(f"project {name!r} never had a secret {wanted!r}; known are: {known}")
    return with_imported_secret(configuration, name, found.secret.hex())


def _bytes(project: ProjectSettings) -> bytes | None:
    return parse_secret(project.secret) if project.secret is not None else None
