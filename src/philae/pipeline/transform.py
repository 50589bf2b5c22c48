"""The transform step: an accepted instance becomes what its destination may see."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from philae.deid.engine import compile_profile
from philae.deid.errors import NoReply
from philae.deid.keys import parse_secret
from philae.deid.output import Output, planned_output
from philae.deid.plan import Plan
from philae.deid.profile_file import load_profile
from philae.deid.requests import NO_REPLIES
from philae.deid.tripwire import IdentifierLeft, Tripwire
from philae.dicom.scan import inflate
from philae.dicom.splice import Span
from philae.pipeline.body import Body
from philae.pipeline.model import Outgoing
from philae.pipeline.naming import names_of
from philae.pipeline.outcome import TryAgain
from philae.pipeline.route import Unroutable, pinned_destination

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from philae.config.model import Configuration, Deidentify, Destination, PseudonymSettings, TripwirePolicy
    from philae.deid.engine import CompiledProfile
    from philae.deid.pixels.codec import Transcoding
    from philae.deid.profile import Project
    from philae.deid.requests import Reply, Request
    from philae.pipeline.model import Delivery
    from philae.pipeline.ports import AskWebServices, ConfigStore, PseudonymSource, SpoolFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Excluded:
    """The instance does not go to this destination, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deidentification:
    """A project's compiled profile, its source of pseudonyms, and what a leak does at the destination."""

    compiled: CompiledProfile
    pseudonyms: PseudonymSource
    tripwire: Tripwire
    policy: TripwirePolicy

    def check(self, delivery: Delivery, file: SpoolFile, plan: Plan) -> None:
        """Raises `IdentifierLeft`, or warns, if an original identifier would leave."""
        if self.policy == "off":
            return
        try:
            self.tripwire.check(file.encoded, plan)
        except IdentifierLeft as error:
            if self.policy == "hold":
                raise
            place = {"destination": delivery.destination_id, "instance": delivery.instance.id}
            log.warning("delivery.identifier_left", extra={**place, "reason": str(error)})


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
        self._compiled: dict[tuple[int, int], tuple[Deidentification | None, Transcoding]] = {}
        self._compiling = Lock()

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What goes out.

        Raises `DeidError` or `Unroutable`: then the delivery is held. Raises `TryAgain` while a web service is silent.
        """
        deidentification, transcoding = self._pinned(delivery)
        if deidentification is None:
            return _undisguised(delivery, file, transcoding)
        try:
            return self._deidentified(delivery, file, deidentification, transcoding)
        except NoReply as error:
            if error.may_pass:
                raise TryAgain(str(error)) from error
            raise

    def _pinned(self, delivery: Delivery) -> tuple[Deidentification | None, Transcoding]:
        key = (delivery.config_version, delivery.destination_id)
        with self._compiling:
            if key not in self._compiled:
                configuration = self._configurations.version(delivery.config_version)
                destination = pinned_destination(delivery, configuration)
                self._compiled[key] = self._compile(destination, configuration), destination.transcoding
            return self._compiled[key]

    def _compile(self, destination: Destination, configuration: Configuration) -> Deidentification | None:
        if destination.deidentify is None:
            return None
        project, profile_text = _project_of(destination.deidentify, configuration)
        compiled = compile_profile(load_profile(profile_text), project)
        return Deidentification(
            compiled,
            self._pseudonym_source(destination.deidentify.pseudonym, project),
            Tripwire(compiled),
            destination.deidentify.tripwire,
        )

    def _deidentified(
        self, delivery: Delivery, file: SpoolFile, deidentification: Deidentification, transcoding: Transcoding
    ) -> Outgoing | Excluded:
        compiled = deidentification.compiled
        pseudonym = deidentification.pseudonyms.pseudonym(file.encoded)
        replies = self._replies(compiled.requests(file.encoded, pseudonym=pseudonym))
        with _room_for_pixels():
            output = compiled.output(
                file.encoded,
                pseudonym=pseudonym,
                now=delivery.instance.received_at,
                replies=replies,
                transcoding=transcoding,
            )
        plan = output.plan
        if plan.excluded is not None:
            return Excluded(plan.excluded)
        deidentification.check(delivery, file, plan)
        names = names_of(plan, file.encoded.syntax, delivery.instance.identifiers)
        return replace(_outgoing(delivery, file, output), names=names)

    def _replies(self, requests: Collection[Request]) -> Mapping[Request, Reply]:
        """What web services know now; nothing for a profile that asks none."""
        if not requests or self._ask is None:
            return NO_REPLIES
        return self._ask(self._configurations.current().web_services, requests)


def _project_of(deidentify: Deidentify, configuration: Configuration) -> tuple[Project, str]:
    settings = configuration.project(deidentify.project)
    profile = configuration.profile(settings.profile) if settings else None
    if settings is None or settings.secret is None or profile is None:
        raise Unroutable(f"project {deidentify.project!r} has no secret or no profile in this configuration version")
    return settings.with_secret(parse_secret(settings.secret)), profile.text


def _undisguised(delivery: Delivery, file: SpoolFile, transcoding: Transcoding) -> Outgoing:
    """What goes out without de-identification, at most in another transfer syntax."""
    found, encoded = delivery.instance.identifiers, file.encoded
    plan = Plan((), found.sop_class_uid, found.sop_instance_uid, found.study_instance_uid)
    if transcoding.syntax_uid is None:
        return _outgoing(delivery, file, Output(plan, encoded.syntax, (Span(encoded.start, encoded.end),)))
    with _room_for_pixels():
        return _outgoing(delivery, file, planned_output(inflate(encoded), plan, encoded.syntax, transcoding))


def _outgoing(delivery: Delivery, file: SpoolFile, output: Output) -> Outgoing:
    return Outgoing(
        delivery=delivery,
        sop_class_uid=output.plan.sop_class_uid,
        sop_instance_uid=output.plan.sop_instance_uid,
        study_instance_uid=output.plan.study_instance_uid,
        transfer_syntax_uid=output.syntax.uid,
        body=Body(file, output.pieces),
        remark=output.remark,
    )


@contextmanager
def _room_for_pixels() -> Iterator[None]:
    """Raises `TryAgain` when new pixels could not be laid down."""
    try:
        yield
    except OSError as error:
        raise TryAgain(f"no room to lay down its new pixels: {error.strerror}; free space in TMPDIR") from error
