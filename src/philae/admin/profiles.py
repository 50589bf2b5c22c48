"""Profiles: who uses them, what they were before, and what may be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from philae.admin.declined import Declined, Missing
from philae.config.built_in import BUILT_IN
from philae.config.project import StoredProfile
from philae.deid.errors import ProfileFaults
from philae.deid.profile_file import load_profile
from philae.deid.profile_heading import with_heading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from philae.config.configuration import Configuration
    from philae.pipeline.ports import ConfigStore


@dataclass(frozen=True, slots=True)
class ProfileVersion:
    """What a profile said, and the first configuration version in which it did."""

    configuration_version: int
    version: str
    """As the profile itself calls it; empty if this release cannot read it."""
    text: str


def profile_named(configuration: Configuration, name: str) -> StoredProfile:
    """With its text, which is its export. Raises `Missing` when there is none."""
    profile = configuration.profile(name)
    if profile is None:
        known = ", ".join(each.name for each in configuration.profiles) or "none"
        raise Missing(f"there is no profile {name!r}; known are: {known}")
    return profile


def uses_of_profile(configuration: Configuration, name: str) -> tuple[str, ...]:
    """The projects that apply the profile."""
    return tuple(project.name for project in configuration.projects if project.profile == name)


def with_profile(configuration: Configuration, text: str) -> Configuration:
    """The profile written in ``text``, in the place of the one of its name if there is one.

    Raises `ProfileFaults`, `Declined` under the name of the built-in one.
    """
    new = StoredProfile(name=load_profile(text).name, text=text)
    if new.name == BUILT_IN.name and new.text != BUILT_IN.text:
        raise Declined(f"the profile {new.name!r} is built in; give yours another name")
    others = tuple(each for each in configuration.profiles if each.name != new.name)
    return configuration.model_copy(update={"profiles": (*others, new)})


def without_profile(configuration: Configuration, name: str) -> Configuration:
    """Raises `Declined` for the built-in one, and, with the projects, while it is used."""
    profile = profile_named(configuration, name)
    if profile not in configuration.profiles:
        raise Declined(f"the profile {name!r} is built in; it cannot be deleted")
    uses = uses_of_profile(configuration, name)
    if uses:
        raise Declined(f"profile {name!r} is used by {', '.join(uses)}; give these projects another one first")
    left = tuple(each for each in configuration.profiles if each is not profile)
    return configuration.model_copy(update={"profiles": left})


def with_profile_described(configuration: Configuration, name: str, heading: Mapping[str, str]) -> Configuration:
    """The profile with another name, version or minimum version, and its projects with it; the rest is as written.

    Raises `Declined` if the new name is another's, `ProfileFaults`.
    """
    text = with_heading(profile_named(configuration, name).text, heading)
    new = load_profile(text).name
    if new == name:
        return with_profile(configuration, text)
    if configuration.profile(new) is not None:
        raise Declined(f"there is a profile {new!r} already")
    projects = tuple(
        each.model_copy(update={"profile": new}) if each.profile == name else each for each in configuration.projects
    )
    return without_profile(with_profile(configuration, text).model_copy(update={"projects": projects}), name)


def versions_of_profile(configurations: ConfigStore, name: str) -> Iterator[ProfileVersion]:
    """Newest first. Raises `LedgerUnavailable`."""
    found: ProfileVersion | None = None
    for number in range(configurations.current().version, 0, -1):
        profile = configurations.version(number).profile(name)
        if found is not None and (profile is None or profile.text != found.text):
            yield found
            found = None
        if profile is not None:
            version = found.version if found is not None else version_of_profile(profile.text)
            found = ProfileVersion(number, version, profile.text)
    if found is not None:
        yield found


def version_of_profile(text: str) -> str:
    """As the profile calls it; empty if this release cannot read it."""
    try:
        return load_profile(text).version
    except ProfileFaults:
        return ""
