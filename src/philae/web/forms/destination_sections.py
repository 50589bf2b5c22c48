"""The form of a destination in sections: what everybody fills in, and folded away what few do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.web.forms.values import count_of, tree_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from philae.web.forms.fields import Field

_WHERE: Final = "Where it is"
TITLES: Final = {
    "What it is": ("name", "description", "contact", "enabled", "paused"),
    _WHERE: (),
    "As whom the gateway signs in": (
        "username",
        "password",
        "key",
        "passphrase",
        "headers",
        "basic",
        "token",
        "oauth2",
        "authentication",
        "access_key_id",
        "secret_access_key",
    ),
    "De-identification or tag morphing": ("deidentify", "morph"),
    "What is sent": ("sop_classes", "condition"),
    "How images are encoded": ("transfer_syntax", "transcode_only_uncompressed", "quality"),
    "When, how fast, and what if it fails": (
        "time_zone",
        "windows",
        "fallback",
        "fallback_after_s",
        "rate",
        "retry",
    ),
    "Notification by e-mail": ("notify",),
    "Kheops albums": ("kheops_albums",),
    "Connections and requests": (
        "associations",
        "operations",
        "connections",
        "http",
        "batch_instances",
        "batch_bytes",
        "look_up",
        "commitment_timeout_s",
        "connect_timeout_s",
        "response_timeout_s",
    ),
}
"""The sections in their order, and what stands in them; everything else stands in that of where it is."""
_FOLDED: Final = 5
"""So many sections stand open in any case."""


@dataclass(frozen=True, slots=True)
class Section:
    """Some fields under a title."""

    title: str
    fields: tuple[Field, ...]
    is_folded: bool
    """Whether it can be folded away."""
    is_open: bool


def sections_of(fields: Sequence[Field], values: Mapping[str, str], faulty: Iterable[str]) -> list[Section]:
    """The fields in their sections; of those that can be folded away, open is where something is said or wrong."""
    titles = {name: title for title, names in TITLES.items() for name in names}
    wrong = {name.partition(".")[0] for name in faulty}
    sections = []
    for number, title in enumerate(TITLES):
        own = tuple(field for field in fields if titles.get(field.name, _WHERE) == title)
        is_used = bool(tree_from(own, values)) or any(field.name in wrong or count_of(field, values) for field in own)
        if own:
            sections.append(Section(title, own, number >= _FOLDED, is_used))
    return sections
