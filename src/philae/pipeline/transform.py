"""The transform step: an accepted instance becomes what its destination may see."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from philae.deid.engine import compile_profile
from philae.deid.keys import parse_secret
from philae.deid.profile import Project
from philae.deid.profile_file import load_profile
from philae.dicom.splice import Span
from philae.pipeline.body import Body
from philae.pipeline.model import Outgoing
from philae.pipeline.route import Unroutable, pinned_destination

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.config.model import Configuration, Deidentify, Destination, PseudonymSettings
    from philae.deid.engine import CompiledProfile
    from philae.pipeline.model import Delivery
    from philae.pipeline.ports import ConfigStore, PseudonymSource, SpoolFile


@dataclass(frozen=True, slots=True)
class Excluded:
    """The instance does not go to this destination, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deidentification:
    """A project's compiled profile and its source of pseudonyms."""

    compiled: CompiledProfile
    pseudonyms: PseudonymSource


class Transform:
    """Prepares deliveries with the profile and project that they were accepted under. Safe for many threads."""

    def __init__(
        self,
        configurations: ConfigStore,
        pseudonym_source: Callable[[PseudonymSettings, Project], PseudonymSource],
    ) -> None:
        self._configurations = configurations
        self._pseudonym_source = pseudonym_source
        self._compiled: dict[tuple[int, int], Deidentification | None] = {}
        self._compiling = Lock()

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What goes out. Raises `DeidError` or `Unroutable`: then the delivery is held."""
        deidentification = self._deidentification(delivery)
        if deidentification is None:
            return _untouched(delivery, file)
        return _deidentified(delivery, file, deidentification)

    def _deidentification(self, delivery: Delivery) -> Deidentification | None:
        key = (delivery.config_version, delivery.destination_id)
        with self._compiling:
            if key not in self._compiled:
                configuration = self._configurations.version(delivery.config_version)
                destination = pinned_destination(delivery, configuration)
                self._compiled[key] = self._compile(destination, configuration)
            return self._compiled[key]

    def _compile(self, destination: Destination, configuration: Configuration) -> Deidentification | None:
        if destination.deidentify is None:
            return None
        project, profile_text = _project_of(destination.deidentify, configuration)
        return Deidentification(
            compile_profile(load_profile(profile_text), project),
            self._pseudonym_source(destination.deidentify.pseudonym, project),
        )


def _project_of(deidentify: Deidentify, configuration: Configuration) -> tuple[Project, str]:
    settings = configuration.project(deidentify.project)
    profile = configuration.profile(settings.profile) if settings else None
    if settings is None or settings.secret is None or profile is None:
        raise Unroutable(f"project {deidentify.project!r} has no secret or no profile in this configuration version")
    project = Project(
        name=settings.name,
        secret=parse_secret(settings.secret),
        hash_encoding=settings.hash_encoding,
        compat_karnak=settings.compat == "karnak",
    )
    return project, profile.text


def _untouched(delivery: Delivery, file: SpoolFile) -> Outgoing:
    identifiers = delivery.instance.identifiers
    encoded = file.encoded
    return Outgoing(
        delivery=delivery,
        sop_class_uid=identifiers.sop_class_uid,
        sop_instance_uid=identifiers.sop_instance_uid,
        study_instance_uid=identifiers.study_instance_uid,
        transfer_syntax_uid=delivery.instance.transfer_syntax_uid,
        body=Body(file, (Span(encoded.start, encoded.end),)),
    )


def _deidentified(delivery: Delivery, file: SpoolFile, deidentification: Deidentification) -> Outgoing | Excluded:
    plan, segments = deidentification.compiled.apply(
        file.encoded,
        pseudonym=deidentification.pseudonyms.pseudonym(file.encoded),
        now=delivery.instance.received_at,
    )
    if plan.excluded is not None:
        return Excluded(plan.excluded)
    return Outgoing(
        delivery=delivery,
        sop_class_uid=plan.sop_class_uid,
        sop_instance_uid=plan.sop_instance_uid,
        study_instance_uid=plan.study_instance_uid,
        transfer_syntax_uid=delivery.instance.transfer_syntax_uid,
        body=Body(file, segments),
    )
