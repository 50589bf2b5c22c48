"""Authentications at web services: added, removed, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from philae.admin.declined import Declined, Missing
from philae.deid.errors import ProfileFaults
from philae.deid.profile_file import load_profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.config.configuration import Configuration
    from philae.config.web_services import Authentication

_REFERENCES: Final = ("authentication", "oauth2")
"""Settings of sources and destinations that may hold the name of an authentication."""
_ARGUMENT: Final = "authConfig"
"""The same in a profile element."""


def with_authentication(configuration: Configuration, authentication: Authentication) -> Configuration:
    """Raises `Declined` if the name is taken: whoever refers to it counts on what it is."""
    services = configuration.web_services
    if services.authentication(authentication.name) is not None:
        raise Declined(f"there is an authentication {authentication.name!r} already; take another name")
    return _with(configuration, (*services.authentications, authentication))


def without_authentication(configuration: Configuration, name: str) -> tuple[Configuration, tuple[str, ...]]:
    """And who used it until now, to be warned of. Raises `Missing` when there is none."""
    authentications = configuration.web_services.authentications
    left = tuple(each for each in authentications if each.name != name)
    if len(left) == len(authentications):
        known = ", ".join(each.name for each in authentications) or "none"
        raise Missing(f"there is no authentication {name!r}; known are: {known}")
    return _with(configuration, left), uses_of_authentication(configuration, name)


def uses_of_authentication(configuration: Configuration, name: str) -> tuple[str, ...]:
    """Destinations, targets and profiles that refer to it."""
    return tuple(_uses(configuration, name))


def _with(configuration: Configuration, authentications: tuple[Authentication, ...]) -> Configuration:
    services = configuration.web_services.model_copy(update={"authentications": authentications})
    return configuration.model_copy(update={"web_services": services})


def _uses(configuration: Configuration, name: str) -> Iterator[str]:
    for node in configuration.forward_nodes:
        for destination in node.destinations:
            if _refers(destination.model_dump(), name):
                yield f"destination {node.ae_title}/{destination.name}"
    for target in configuration.targets:
        if _refers(target.model_dump(), name):
            yield f"target {target.name}"
    for profile in configuration.profiles:
        if _asks_with(profile.text, name):
            yield f"profile {profile.name}"


def _asks_with(text: str, name: str) -> bool:
    try:
        elements = load_profile(text).elements
    except ProfileFaults:  # written for an earlier release: it compiles no more and asks nobody
        return False
    return any(element.argument(_ARGUMENT) == name for element in elements)


def _refers(value: Any, name: str) -> bool:
    if isinstance(value, dict):
        return any(value.get(key) == name for key in _REFERENCES) or any(_refers(each, name) for each in value.values())
    return isinstance(value, list | tuple) and any(_refers(each, name) for each in value)
