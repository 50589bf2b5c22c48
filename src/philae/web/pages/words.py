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
    Entry(
        "/nodes",
        N_("Gateway"),
        "route",
        "configure",
        (
            "/node",
            "/node/new",
            "/node/delete",
            "/node/sources/add",
            "/node/sources/edit",
            "/destination",
            "/destination/new",
            "/destination/edit",
            "/destination/delete",
        ),
    ),
    Entry("/profiles", N_("Profiles"), "shield-lock", "configure", ("/profile",)),
    Entry("/projects", N_("Projects"), "folder", "configure", ("/project",)),
    Entry(
        "/pseudonyms",
        N_("External pseudonyms"),
        "id",
        "pseudonyms",
        ("/pseudonym", "/pseudonyms/add", "/pseudonyms/clear", "/pseudonyms/file"),
    ),
    Entry("/mapping", N_("Pseudonym mapping"), "user-search", "identifiers"),
    Entry(
        "/tools",
        N_("DICOM tools"),
        "tool",
        "configure",
        (
            "/tools/echo",
            "/tools/capabilities",
            "/tools/worklist",
            "/tools/monitor",
            "/tools/dicomweb",
            "/tools/book/nodes",
            "/tools/book/endpoints",
        ),
    ),
    Entry(
        "/authentications",
        N_("Authentications"),
        "lock",
        "configure",
        ("/authentication/new", "/authentication/delete"),
    ),
    Entry("/users", N_("Users"), "users", "users", ("/user",)),
    Entry("/tokens", N_("API tokens"), "key", "users"),
    Entry("/audit", N_("Audit trail"), "history", "audit"),
    Entry(
        "/configuration",
        N_("Configuration"),
        "file-code",
        "configure",
        ("/configuration/history", "/configuration/version"),
    ),
    Entry("/system", N_("System"), "server", "configure"),
)

DRAFT: Final = "draft"
DONE: Final = {
    DRAFT: N_(
        "Your session had ended. Here is what you typed, without passwords and tokens; nothing of it is saved yet."
    ),
    "saved": N_("Saved. It holds from now on."),
    "unchanged": N_("Nothing was different; nothing was changed."),
    "created": N_("Created."),
    "deleted": N_("Deleted."),
    "enabled": N_("Enabled."),
    "disabled": N_("Disabled. What waits for it is kept."),
    "paused": N_("Paused. What arrives is kept and waits."),
    "resumed": N_("It goes on; what waited is sent."),
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
    "store-and-forward": N_("once the instance is kept"),
    "pass-through": N_("once every destination has confirmed it"),
    "any": N_("once any destination has confirmed it"),
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
    "K": N_("K: keep"),
    "X": N_("X: remove"),
    "Z": N_("Z: empty"),
    "D": N_("D: replace by a dummy value"),
    "DDum": N_("DDum: replace by a dummy value, whatever it is"),
    "U": N_("U: replace the UID"),
    "shift": N_("by a fixed amount"),
    "shift_range": N_("by an amount of each patient, in a range"),
    "shift_by_tag": N_("by what an attribute says"),
    "date_format": N_("make coarser"),
    "format_date": N_("make coarser"),
    "day": N_("the day"),
    "month_day": N_("month and day"),
    "mask": N_("mask all of it"),
    "report": N_("mask what names the patient"),
    "removed": N_("removed"),
    "emptied": N_("emptied"),
    "changed": N_("changed"),
    "added": N_("added"),
    "kept": N_("kept"),
    "pseudonym": N_("Pseudonym"),
    "patient_id": N_("Patient ID"),
    "issuer": N_("Issuer of Patient ID"),
    "last_name": N_("Last name"),
    "first_name": N_("First name"),
    "disabled": N_("disabled"),
    "paused": N_("paused"),
    "unreachable": N_("out of reach"),
    "idle": N_("nothing yet"),
    "true": N_("yes"),
    "false": N_("no"),
    "15m": N_("the last 15 minutes"),
    "1h": N_("the last hour"),
    "24h": N_("the last 24 hours"),
    "7d": N_("the last 7 days"),
    "30d": N_("the last 30 days"),
    "auto": N_("As the system"),
    "light": N_("Light"),
    "dark": N_("Dark"),
}


def word(text: str) -> str:
    """What people call it."""
    return _WORDS.get(text, text)
