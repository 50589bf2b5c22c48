"""Profiles: who uses them, what they were before, and what may be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from philae.admin.declined import Declined
from philae.config.model import StoredProfile
from philae.deid.errors import ProfileFaults
from philae.deid.profile_file import load_profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.config.model import Configuration
    from philae.pipeline.ports import ConfigStore


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """What a profile said, and the first configuration version in which it did."""

    configuration_version: int
    version: str
    """As the profile itself calls it; empty if this release cannot read it."""
    text: str


def profile_named(configuration: Configuration, name: str) -> StoredProfile:
    """With its text, which is its export. Raises `Declined` when there is none."""
    profile = configuration.profile(name)
    if profile is None:
        known = ", ".join(each.name for each in configuration.profiles) or "none"
        raise Declined(f"there is no profile {name!r}; known are: {known}")
    return profile


def uses_of_profile(configuration: Configuration, name: str) -> tuple[str, ...]:
    """The projects that apply the profile."""
    return tuple(project.name for project in configuration.projects if project.profile == name)


def with_profile(configuration: Configuration, text: str) -> Configuration:
    """The profile written in ``text``, in the place of the one of its name if there is one. Raises `ProfileFaults`."""
    new = StoredProfile(name=load_profile(text).name, text=text)
    others = tuple(each for each in configuration.profiles if each.name != new.name)
    return configuration.model_copy(update={"profiles": (*others, new)})


def without_profile(configuration: Configuration, name: str) -> Configuration:
    """Raises `Declined`, with the projects, while it is used."""
    profile = profile_named(configuration, name)
    uses = uses_of_profile(configuration, name)
    if uses:
        raise Declined(f"profile {name!r} is used by {', '.join(uses)}; give these projects another one first")
    left = tuple(each for each in configuration.profiles if each is not profile)
    return configuration.model_copy(update={"profiles": left})


def versions_of_profile(configurations: ConfigStore, name: str) -> Iterator[ProfileVersion]:
    """Newest first. Raises `LedgerUnavailable`."""
    found: ProfileVersion | None = None
    for number in range(configurations.current().version, 0, -1):
        profile = configurations.version(number).profile(name)
        if found is not None and (profile is None or profile.text != found.text):
            yield found
            found = None
        if profile is not None:
            version = found.version if found is not None else _version(profile.text)
            found = ProfileVersion(number, version, profile.text)
    if found is not None:
        yield found


def _version(text: str) -> str:
    try:
        return load_profile(text).version
    except ProfileFaults:
        return ""
