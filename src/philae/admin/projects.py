"""Projects: who uses them, and what may be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

from philae.admin.declined import Declined, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.config.configuration import Configuration
    from philae.config.project import ProjectSettings


@dataclass(frozen=True, slots=True)
class Use:
    """A destination that applies a project."""

    node: str
    destination: str
    enabled: bool

    @override
    def __str__(self) -> str:
        return f"{self.node}/{self.destination}"


def project_named(configuration: Configuration, name: str) -> ProjectSettings:
    """Raises `Missing` when there is none."""
    project = configuration.project(name)
    if project is None:
        known = ", ".join(each.name for each in configuration.projects) or "none"
        raise Missing(f"there is no project {name!r}; known are: {known}")
    return project


def uses_of_project(configuration: Configuration, name: str) -> tuple[Use, ...]:
    """Every destination that de-identifies or morphs with the project, disabled ones too."""
    return tuple(use for use, project in _applied(configuration) if project == name)


def without_project(configuration: Configuration, name: str) -> Configuration:
    """Raises `Declined`, with the destinations, while it is used."""
    project = project_named(configuration, name)
    uses = uses_of_project(configuration, name)
    if uses:
        raise Declined(f"project {name!r} is used by {', '.join(map(str, uses))}; take it out there first")
    return configuration.model_copy(
        update={"projects": tuple(each for each in configuration.projects if each is not project)}
    )


def changed(configuration: Configuration, project: ProjectSettings) -> Configuration:
    """The configuration with this project in the place of the one of its name."""
    projects = tuple(project if each.name == project.name else each for each in configuration.projects)
    return configuration.model_copy(update={"projects": projects})


def _applied(configuration: Configuration) -> Iterator[tuple[Use, str]]:
    for node in configuration.forward_nodes:
        for destination in node.destinations:
            yield Use(node.ae_title, destination.name, destination.enabled), destination.project
