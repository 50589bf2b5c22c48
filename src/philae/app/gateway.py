"""Builds the parts of a gateway from its settings, and runs them as one process or as many."""

from __future__ import annotations

import fcntl
import logging
import os
import resource
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from philae import destinations, pseudonyms
from philae.app.intake import Entrance, IntakeService, listen, listen_within
from philae.app.rounds import Rounds
from philae.app.supervisor import Role, Service, Supervisor, process_name, run_until_signalled
from philae.app.telling import build_telling, notified_now
from philae.app.worker import Worker, World
from philae.config.tls import server_context
from philae.dimse.acceptor import Acceptor
from philae.dimse.limits import Limits
from philae.intake.commitment import ReportingAssociation
from philae.intake.cstore import Intake
from philae.intake.folder import FolderIntake
from philae.intake.limiting import LimitedAssociation
from philae.intake.turnstile import Turnstile
from philae.pipeline.retention import Retention
from philae.store.album_shares import SqlAlbumShares
from philae.store.committing import SqlCommitments
from philae.store.configuration import SqlConfigStore
from philae.store.database import Database
from philae.store.deliveries import SqlDeliveryBook
from philae.store.examinations import SqlExaminations
from philae.store.fallbacks import SqlFallbacks
from philae.store.ledger import SqlLedger
from philae.store.pseudonyms import SqlPseudonyms
from philae.store.schema import migrate
from philae.store.secret_keys import KEY_FILE, GivenKeys, KeyFile
from philae.store.secrets import Vault
from philae.store.spool import FolderSpool
from philae.work.local import LocalBell

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from ssl import SSLContext

    from philae.config.configuration import Configuration
    from philae.config.settings import Settings
    from philae.dimse.handler import AssociationHandler

log = logging.getLogger(__name__)

PORT_PATIENCE_S = 15.0


class AlreadyRunning(Exception):
    """Another gateway runs on the same data folder."""


def open_database(settings: Settings) -> Database:
    """The database, with its tables up to date."""
    database = Database(settings.database_url, durable=settings.is_durable, vault=Vault(keys_of(settings)))
    migrate(database)
    return database


def keys_of(settings: Settings) -> KeyFile | GivenKeys:
    """What seals the secrets in the database."""
    return GivenKeys(settings.secret_key) if settings.secret_key else KeyFile(settings.data / KEY_FILE)


def config_store(database: Database) -> SqlConfigStore:
    """The configuration's versions, with every kind of destination and pseudonym source known."""
    return SqlConfigStore(database, destination_kinds=destinations.SETTINGS, pseudonym_kinds=pseudonyms.SETTINGS)


def open_world(settings: Settings) -> World:
    """The parts that an intake or a worker needs. To be called in the process that uses them."""
    database = open_database(settings)
    return _world(settings, database, config_store(database))


def _world(settings: Settings, database: Database, configurations: SqlConfigStore) -> World:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    noticed = notified_now(settings, configurations)
    return World(
        configurations=configurations,
        spool=FolderSpool(
            settings.spool,
            durable=settings.is_durable,
            min_free_bytes=settings.spool_min_free_bytes,
            min_free_percent=settings.spool_min_free_percent,
        ),
        ledger=SqlLedger(database, noticed),
        bell=LocalBell(settings.data / "run"),
        pseudonyms=SqlPseudonyms(database),
        shares=SqlAlbumShares(database),
        fallbacks=SqlFallbacks(database),
        commitments=SqlCommitments(database, noticed),
    )


def serve(settings: Settings, configuration: Configuration | None) -> int:
    """Run the whole gateway until SIGTERM; returns the exit status. Raises `AlreadyRunning`, `PortTaken`."""
    with _alone(settings):
        database = open_database(settings)
        configurations = config_store(database)
        if configuration is not None:
            configurations.apply(configuration)
        configurations.current()  # raises when the key of its secrets is lost, before a sender counts on us
        database.close()
        entrances = _entrances(settings, partial(listen_within, patience_s=PORT_PATIENCE_S))
        dicom = [entrance.listener for entrance in entrances]
        web = _web_listener(settings)
        intakes = [
            Role(role.name, _without(web, role.build))
            for number in range(settings.intakes)
            for role in _intake_roles(settings, entrances, number)
        ]
        workers = [
            Role(f"worker-{number}", _without([*dicom, *web], _worker_of(settings, f"worker-{number}")))
            for number in range(settings.workers)
        ]
        webs = [Role("web", _without(dicom, _web_of(settings, each))) for each in web]
        return Supervisor([*workers, *intakes, *webs], settings.drain_s, lambda: _close([*dicom, *web])).run()


def run_intake(settings: Settings) -> None:
    """One intake in this process, or two if there is a port for TLS; several may share the ports.

    Raises `PortTaken`, `UnusableCertificate`.
    """
    entrances = _entrances(settings, partial(listen, shared=True))
    if len(entrances) == 1:
        run_until_signalled(build_intake(settings, entrances[0]))
    else:
        listeners = [entrance.listener for entrance in entrances]
        Supervisor(_intake_roles(settings, entrances, 0), settings.drain_s, lambda: _close(listeners)).run()


def run_worker(settings: Settings) -> None:
    """One worker in this process."""
    run_until_signalled(build_worker(settings, "worker", None))


def run_web(settings: Settings) -> None:
    """The REST API in this process. Raises `PortTaken`."""
    for listener in _web_listener(settings):
        run_until_signalled(build_web_service(settings, listener))


def build_web_service(settings: Settings, listener: socket.socket) -> Service:
    """The REST API on ``listener``."""
    from philae.app.web import build_web  # noqa: PLC0415 - an extra, and half a second that other processes do not need

    database = open_database(settings)
    return build_web(settings, open_world(settings), database, config_store(database), listener)


def build_intake(settings: Settings, entrance: Entrance) -> IntakeService:
    """An intake that accepts at ``entrance``."""
    database = open_database(settings)
    world = _world(settings, database, config_store(database))
    waits = settings.is_durable or not database.is_sqlite
    intake = Intake(world.configurations, world.spool, world.ledger, world.bell, accepting_waits=waits)
    limits = Limits(
        max_associations=settings.max_associations,
        max_pdu_length=settings.max_pdu_length,
        max_dataset_bytes=settings.max_dataset_bytes,
        artim_s=settings.artim_s,
        idle_s=settings.idle_s,
    )
    turnstile = Turnstile(settings.data / "run" / "limits")

    def association() -> AssociationHandler:
        storing = LimitedAssociation(intake.association(), world.configurations, turnstile)
        return ReportingAssociation(storing, world.configurations, world.commitments)

    acceptor = Acceptor(entrance.listener, association, limits, entrance.tls)
    folders = FolderIntake(world.configurations, world.spool, world.ledger, world.bell, settings.max_dataset_bytes)
    return IntakeService(acceptor, entrance.listener, settings.drain_s, folders if entrance.tls is None else None)


def build_worker(settings: Settings, role: str, replaced: str | None) -> Worker:
    """A worker; it takes over at once what the process that it replaces held."""
    database = open_database(settings)
    configurations = config_store(database)
    world = _world(settings, database, configurations)
    if replaced is not None:
        world.ledger.release(replaced)
    return Worker(
        process_name(role, os.getpid()),
        world,
        lease=timedelta(seconds=settings.lease_s),
        orphan_age=timedelta(seconds=settings.orphan_age_s),
        retention=Retention(
            settings.history_deliveries,
            timedelta(days=settings.history_days) if settings.history_days is not None else None,
        ),
        telling=build_telling(settings, database, configurations),
        rounds=_rounds(settings, database, configurations),
    )


def _rounds(settings: Settings, database: Database, configurations: SqlConfigStore) -> Rounds | None:
    if settings.doctor_every_s == "off":
        return None
    every = timedelta(seconds=settings.doctor_every_s)
    return Rounds(configurations, SqlDeliveryBook(database), SqlExaminations(database), every)


def _entrances(settings: Settings, open_port: Callable[..., socket.socket]) -> list[Entrance]:
    """The ports for associations, in clear and, if there is one, over TLS. Raises `PortTaken`, `UnusableCertificate`."""
    tls = _tls_context(settings)
    entrances = [Entrance("intake", open_port(settings.dicom_host, settings.dicom_port))]
    if tls is not None and settings.dicom_tls_port is not None:
        listener = open_port(settings.dicom_host, settings.dicom_tls_port, setting="PHILAE_DICOM_TLS_PORT")
        entrances.append(Entrance("intake-tls", listener, tls))
    return entrances


def _tls_context(settings: Settings) -> SSLContext | None:
    certificate, key = settings.dicom_tls_certificate, settings.dicom_tls_key
    if settings.dicom_tls_port is None or certificate is None or key is None:
        return None
    return server_context(certificate, key, settings.dicom_tls_authority)


def _intake_roles(settings: Settings, entrances: list[Entrance], number: int) -> list[Role]:
    return [Role(f"{entrance.name}-{number}", _intake_of(settings, entrance)) for entrance in entrances]


def _intake_of(settings: Settings, entrance: Entrance) -> Callable[[str | None], IntakeService]:
    return lambda _: build_intake(settings, entrance)


def _worker_of(settings: Settings, role: str) -> Callable[[str | None], Worker]:
    return lambda replaced: build_worker(settings, role, replaced)


def _web_of(settings: Settings, listener: socket.socket) -> Callable[[str | None], Service]:
    return lambda _: build_web_service(settings, listener)


def _without(listeners: list[socket.socket], build: Callable[[str | None], Service]) -> Callable[[str | None], Service]:
    """A process that outlives its gateway for a while must not keep ports from the next one."""

    def build_without(replaced: str | None) -> Service:
        _close(listeners)
        return build(replaced)

    return build_without


def _close(listeners: list[socket.socket]) -> None:
    for listener in listeners:
        listener.close()


def _web_listener(settings: Settings) -> list[socket.socket]:
    """The web's port; none if it is off or the extra ``web`` is not installed."""
    if settings.web_port == "off":
        return []
    if find_spec("fastapi") is None:
        log.warning("web.not_installed", extra={"remedy": "pip install philae[web], or set PHILAE_WEB_PORT=off"})
        return []
    return [listen_within(settings.web_host, settings.web_port, PORT_PATIENCE_S, "PHILAE_WEB_PORT")]


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the data folder's lock, which forked children do not inherit. Raises `AlreadyRunning`."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(settings.data / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise AlreadyRunning(f"a gateway runs on {settings.data} already; stop it or give another --data") from error
    try:
        yield
    finally:
        os.close(descriptor)
