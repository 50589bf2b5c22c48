"""Words that code chooses and pages show; each has its translation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


def N_(message: str) -> str:  # noqa: N802 - the name by which extractors know what is to be translated later
    """Marks a message; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu."""

    path: str
    title: str
    icon: str
    scope: str
    below: tuple[str, ...] = ()
    """Paths of pages that belong to it."""


NAVIGATION: Final = (
    Entry("/", N_("Home"), "home", "status"),
    Entry("/monitoring", N_("Monitoring"), "activity-heartbeat", "deliveries", ("/delivery",)),
    Entry("/nodes", N_("Gateway"), "route", "configure", ("/node", "/destination")),
    Entry("/profiles", N_("Profiles"), "shield-lock", "configure", ("/profile",)),
    Entry("/projects", N_("Projects"), "folder", "configure", ("/project",)),
    Entry("/tools", N_("DICOM tools"), "tool", "configure"),
    Entry("/users", N_("Users"), "users", "users", ("/user",)),
    Entry("/tokens", N_("API tokens"), "key", "users"),
    Entry("/audit", N_("Audit trail"), "history", "audit"),
    Entry("/configuration", N_("Configuration"), "file-code", "configure"),
)

DONE: Final = {
    "saved": N_("Saved. It holds from now on."),
    "unchanged": N_("Nothing was different; nothing was changed."),
    "created": N_("Created."),
    "deleted": N_("Deleted."),
    "enabled": N_("Enabled."),
    "disabled": N_("Disabled. What waits for it is kept."),
    "requeued": N_("The deliveries go on."),
    "discarded": N_("The deliveries were given up."),
    "password": N_("The password is changed. Other sessions were ended."),
    "ended": N_("The session was ended."),
    "revoked": N_("The token was revoked."),
    "signed-out": N_("You are signed out."),
    "welcome": N_("Welcome. Begin with a forward node, or apply a configuration."),
}
"""What a page says that somebody was sent to after something was done."""

_WORDS: Final = {
    "queued": N_("waiting"),
    "sending": N_("being sent"),
    "sent": N_("sent"),
    "already_present": N_("already present"),
    "simulated": N_("simulated"),
    "excluded": N_("excluded"),
    "held": N_("held"),
    "failed": N_("failed"),
    "waiting": N_("waiting"),
    "opened": N_("opened"),
    "not-sent": N_("not sent"),
    "error": N_("held or failed"),
    "admin": N_("administrator"),
    "investigator": N_("investigator"),
    "user": N_("user"),
    "dicom": N_("DICOM"),
    "stow": N_("DICOMweb (STOW-RS)"),
    "sftp": N_("SFTP"),
    "s3": N_("S3"),
    "folder": N_("Folder"),
    "report_only": N_("Report only"),
    "forward_node": N_("as the forward node"),
    "destination": N_("as the receiver"),
    "sender": N_("as the sender"),
    "hold": N_("hold the instance"),
    "warn": N_("let it go, with a warning"),
    "off": N_("do not look"),
    "derived": N_("derived from the secret"),
    "in_tag": N_("in an attribute"),
    "table": N_("external pseudonyms"),
    "api": N_("from a web service"),
    "ok": N_("in order"),
    "warning": N_("warning"),
    "skipped": N_("not tried"),
    "true": N_("yes"),
    "false": N_("no"),
    "auto": N_("As the system"),
    "light": N_("Light"),
    "dark": N_("Dark"),
}


def word(text: str) -> str:
    """What people call it."""
    return _WORDS.get(text, text)
