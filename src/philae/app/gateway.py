"""Builds the parts of a gateway from its settings, and runs them as one process or as many."""

from __future__ import annotations

import fcntl
import os
import resource
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from philae import destinations, pseudonyms
from philae.app.intake import IntakeService, listen, listen_within
from philae.app.supervisor import Role, Supervisor, process_name, run_until_signalled
from philae.app.worker import Worker, World
from philae.dimse.acceptor import Acceptor
from philae.dimse.limits import Limits
from philae.intake.cstore import Intake
from philae.store.configuration import SqlConfigStore
from philae.store.database import Database
from philae.store.ledger import SqlLedger
from philae.store.schema import migrate
from philae.store.spool import FolderSpool
from philae.work.local import LocalBell

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from philae.config.model import Configuration
    from philae.config.settings import Settings

PORT_PATIENCE_S = 15.0


class AlreadyRunning(Exception):
    """Another gateway runs on the same data folder."""


def open_database(settings: Settings) -> Database:
    """The database, with its tables up to date."""
    database = Database(settings.database_url, durable=settings.is_durable)
    migrate(database)
    return database


def config_store(database: Database) -> SqlConfigStore:
    """The configuration's versions, with every kind of destination and pseudonym source known."""
    return SqlConfigStore(database, destination_kinds=destinations.SETTINGS, pseudonym_kinds=pseudonyms.SETTINGS)


def open_world(settings: Settings) -> World:
    """The parts that an intake or a worker needs. To be called in the process that uses them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    database = open_database(settings)
    return World(
        configurations=config_store(database),
        spool=FolderSpool(
            settings.spool,
            durable=settings.is_durable,
            min_free_bytes=settings.spool_min_free_bytes,
            min_free_percent=settings.spool_min_free_percent,
        ),
        ledger=SqlLedger(database),
        bell=LocalBell(settings.data / "run"),
    )


def serve(settings: Settings, configuration: Configuration | None) -> int:
    """Run the whole gateway until SIGTERM; returns the exit status. Raises `AlreadyRunning`, `PortTaken`."""
    with _alone(settings):
        database = open_database(settings)
        if configuration is not None:
            config_store(database).apply(configuration)
        database.close()
        listener = listen_within(settings.dicom_host, settings.dicom_port, PORT_PATIENCE_S)
        intakes = [
            Role(f"intake-{number}", lambda _: build_intake(settings, listener)) for number in range(settings.intakes)
        ]
        workers = [
            Role(f"worker-{number}", _worker_of(settings, f"worker-{number}", listener))
            for number in range(settings.workers)
        ]
        return Supervisor([*workers, *intakes], settings.drain_s, listener.close).run()


def run_intake(settings: Settings) -> None:
    """One intake in this process; several may share the port."""
    run_until_signalled(build_intake(settings, listen(settings.dicom_host, settings.dicom_port, shared=True)))


def run_worker(settings: Settings) -> None:
    """One worker in this process."""
    run_until_signalled(build_worker(settings, "worker", None))


def build_intake(settings: Settings, listener: socket.socket) -> IntakeService:
    """An intake that accepts on ``listener``."""
    world = open_world(settings)
    intake = Intake(world.configurations, world.spool, world.ledger, world.bell)
    limits = Limits(
        max_associations=settings.max_associations,
        max_pdu_length=settings.max_pdu_length,
        max_dataset_bytes=settings.max_dataset_bytes,
        artim_s=settings.artim_s,
        idle_s=settings.idle_s,
    )
    return IntakeService(Acceptor(listener, intake.association, limits), listener, settings.drain_s)


def build_worker(settings: Settings, role: str, replaced: str | None) -> Worker:
    """A worker; it takes over at once what the process that it replaces held."""
    world = open_world(settings)
    if replaced is not None:
        world.ledger.release(replaced)
    return Worker(
        process_name(role, os.getpid()),
        world,
        lease=timedelta(seconds=settings.lease_s),
        orphan_age=timedelta(seconds=settings.orphan_age_s),
    )


def _worker_of(settings: Settings, role: str, listener: socket.socket) -> Callable[[str | None], Worker]:
    """A worker that outlives its gateway for a while must not keep the port from the next one."""

    def build(replaced: str | None) -> Worker:
        listener.close()
        return build_worker(settings, role, replaced)

    return build


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
