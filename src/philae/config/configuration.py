"""One version of everything that is configured, as a frozen value."""

from typing import Any

from pydantic import ValidationInfo, field_validator

from philae.config.built_in import BUILT_IN
from philae.config.destination import Destination
from philae.config.fields import Frozen
from philae.config.forward_node import ForwardNode
from philae.config.project import ProjectSettings, StoredProfile
from philae.config.target import Target, with_settings_of
from philae.config.web_services import WebServiceSettings


class Configuration(Frozen):
    """One immutable version of everything that is configured."""

    version: int = 0
    profiles: tuple[StoredProfile, ...] = ()
    projects: tuple[ProjectSettings, ...] = ()
    web_services: WebServiceSettings = WebServiceSettings()
    targets: tuple[Target, ...] = ()
    forward_nodes: tuple[ForwardNode, ...] = ()

    @field_validator("forward_nodes", mode="before")
    @classmethod
    def _with_targets(cls, nodes: Any, info: ValidationInfo) -> Any:
        """A destination that names a target has its settings; without such a target it has none, which is a fault."""
        if not isinstance(nodes, list | tuple):
            return nodes
        targets = {target.name: target.settings for target in info.data.get("targets", ())}
        return [with_settings_of(targets, node) for node in nodes]

    def node(self, ae_title: str) -> ForwardNode | None:
        """The forward node with this AE title."""
        return next((node for node in self.forward_nodes if node.ae_title == ae_title), None)

    def destination(self, destination_id: int) -> tuple[ForwardNode, Destination] | None:
        """A destination and its forward node by the store's id."""
        for node in self.forward_nodes:
            for destination in node.destinations:
                if destination.id == destination_id:
                    return node, destination
        return None

    def project(self, name: str) -> ProjectSettings | None:
        """The project with this name."""
        return next((project for project in self.projects if project.name == name), None)

    def profile(self, name: str) -> StoredProfile | None:
        """The profile with this name; the built-in one is always there."""
        known = (*self.profiles, BUILT_IN)
        return next((profile for profile in known if profile.name == name), None)
