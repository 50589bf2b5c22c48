"""The transform step: an accepted instance becomes what its destination may see."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from philae.deid.engine import compile_profile
from philae.deid.errors import NoReply
from philae.deid.keys import parse_secret
from philae.deid.output import Output, planned_output
from philae.deid.plan import Plan
from philae.deid.profile_file import load_profile
from philae.deid.requests import NO_REPLIES
from philae.deid.tripwire import Tripwire
from philae.dicom.scan import inflate
from philae.dicom.splice import Span
from philae.pipeline.deidentifying import Deidentification
from philae.pipeline.leaving import leaving, room_for_pixels
from philae.pipeline.morphing import Morphing
from philae.pipeline.outcome import TryAgain
from philae.pipeline.route import Unroutable, pinned_destination

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from philae.config.configuration import Configuration
    from philae.config.destination import Destination
    from philae.config.kinds import PseudonymSettings
    from philae.deid.pixels.codec import Transcoding
    from philae.deid.profile import Project
    from philae.deid.requests import Reply, Request
    from philae.pipeline.model import Delivery, Excluded, Outgoing
    from philae.pipeline.ports import AskWebServices, ConfigStore, PseudonymSource, SpoolFile

    Way = Callable[[Delivery, SpoolFile], Outgoing | Excluded]


class Transform:
    """Prepares deliveries with the profile and project that they were accepted under. Safe for many threads."""

    def __init__(
        self,
        configurations: ConfigStore,
        pseudonym_source: Callable[[PseudonymSettings, Project], PseudonymSource],
        ask: AskWebServices | None = None,
    ) -> None:
        self._configurations = configurations
        self._ask = ask
        self._pseudonym_source = pseudonym_source
        self._ways: dict[tuple[int, int], Way] = {}
        self._compiling = Lock()

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What goes out.

        Raises `DeidError` or `Unroutable`: then the delivery is held. Raises `TryAgain` while a web service is silent.
        """
        way = self._pinned(delivery)
        try:
            return way(delivery, file)
        except NoReply as error:
            if error.may_pass:
                raise TryAgain(str(error)) from error
            raise

    def _pinned(self, delivery: Delivery) -> Way:
        key = (delivery.config_version, delivery.destination_id)
        with self._compiling:
            if key not in self._ways:
                configuration = self._configurations.version(delivery.config_version)
                self._ways[key] = self._way(pinned_destination(delivery, configuration), configuration)
            return self._ways[key]

    def _way(self, destination: Destination, configuration: Configuration) -> Way:
        if not destination.project:
            return AsItCame(destination.transcoding)
        project, profile_text = _project_of(destination.project, configuration)
        compiled = compile_profile(load_profile(profile_text), project)
        if destination.deidentify is None:
            return Morphing(compiled, self._replies, destination.transcoding)
        return Deidentification(
            compiled,
            self._pseudonym_source(destination.deidentify.pseudonym, project),
            Tripwire(compiled),
            destination.deidentify.tripwire,
            self._replies,
            destination.transcoding,
        )

    def _replies(self, requests: Collection[Request]) -> Mapping[Request, Reply]:
        """What web services know now; nothing for a profile that asks none."""
        if not requests or self._ask is None:
            return NO_REPLIES
        return self._ask(self._configurations.current().web_services, requests)


@dataclass(frozen=True, slots=True)
class AsItCame:
    """Neither de-identification nor morphing: at most another transfer syntax."""

    transcoding: Transcoding

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing:
        """Raises `PixelFault`."""
        found, encoded = delivery.instance.identifiers, file.encoded
        plan = Plan((), found.sop_class_uid, found.sop_instance_uid, found.study_instance_uid)
        if self.transcoding.syntax_uid is None:
            return leaving(delivery, file, Output(plan, encoded.syntax, (Span(encoded.start, encoded.end),)))
        with room_for_pixels():
            return leaving(delivery, file, planned_output(inflate(encoded), plan, encoded.syntax, self.transcoding))


def _project_of(name: str, configuration: Configuration) -> tuple[Project, str]:
    settings = configuration.project(name)
    profile = configuration.profile(settings.profile) if settings else None
    if settings is None or settings.secret is None or profile is None:
        raise Unroutable(f"project {name!r} has no secret or no profile in this configuration version")
    return settings.with_secret(parse_secret(settings.secret)), profile.text
