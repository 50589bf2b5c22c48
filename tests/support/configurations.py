"""A store of configurations that knows one."""

from __future__ import annotations

from dataclasses import dataclass

from philae.config.configuration import Configuration


@dataclass
class Configured:
    """`philae.pipeline.ports.ConfigStore`; every version is the same."""

    configuration: Configuration

    def current(self) -> Configuration:
        return self.configuration

    def version(self, number: int) -> Configuration:
        return self.configuration

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError
