"""What tells one source file under one set-up from all others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from philae.deid.files.folder_walk import Found
    from philae.deid.keys import Keys


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """Keyed hashes of sources: without the project's secret they tell nothing.

    ``set_up`` is the profile and everything else that an output depends on, as text.
    """

    keys: Keys = field(repr=False)
    set_up: tuple[str, ...] = field(repr=False)

    def __call__(self, found: Found) -> bytes:
        """The key of one source."""
        place = f"{found.path}\0{found.size}\0{found.modified_ns}".encode("utf-8", "surrogateescape")
        return self.keys.digest(self.keys.digest("\0".join(self.set_up).encode()) + place)[:16]
