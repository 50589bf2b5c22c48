"""What is shipped with the gateway, under which licences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Final

from philae.web.assets import STATIC

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_BUILT_IN: Final = {"core": ("Tabler", "MIT"), "icons": ("Tabler Icons", "MIT"), "htmx.org": ("htmx", "0BSD")}
"""What `make env` installs from npm, by its folder."""
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Shipped:
    """A work of others."""

    name: str
    version: str
    licence: str


@cache
def shipped() -> tuple[Shipped, ...]:
    """Everything that the gateway needs and that is installed, by name."""
    found: dict[str, Distribution] = {}
    _collect("philae", found)
    packages = [Shipped(each.name, each.version, _licence(each)) for key, each in found.items() if key != "philae"]
    assets = [
        Shipped(*words[:1], "", words[1]) for name, words in _BUILT_IN.items() if (STATIC / "vendor" / name).is_dir()
    ]
    return tuple(sorted([*packages, *assets], key=lambda each: each.name.lower()))


def _collect(name: str, found: dict[str, Distribution]) -> None:
    """Its requirements too, those of extras as far as somebody installed them."""
    key = name.lower().replace("_", "-")
    if key in found:
        return
    try:
        found[key] = distribution(name)
    except PackageNotFoundError:
        return
    for required in _requirements(found[key], with_extras=key == "philae"):
        _collect(required, found)


def _requirements(package: Distribution, *, with_extras: bool) -> Iterator[str]:
    for line in package.requires or ():
        name = _NAME.match(line)
        if name is not None and (with_extras or "extra ==" not in line):
            yield name[0]


def _licence(package: Distribution) -> str:
    """As the package says it, in the newest way that it knows."""
    told = package.metadata
    classified = [
        each.rpartition(" :: ")[2] for each in told.get_all("Classifier", []) if each.startswith("License ::")
    ]
    fields = (told.get_all(name, [""])[0] for name in ("License-Expression", "License"))
    expression, words = fields
    text = expression or ", ".join(classified) or words.strip()
    return text.splitlines()[0][:_LONGEST] if text else "see its package"
