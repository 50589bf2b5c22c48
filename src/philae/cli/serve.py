"""`philae serve`, `philae intake`, `philae worker`, `philae web`: the gateway's processes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.data import DATA, settings_for
from philae.cli.failure import fail

if TYPE_CHECKING:
    from philae.config.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(serve)
    app.command()(intake)
    app.command()(worker)
    app.command()(web)


def serve(
    data: DATA = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration document to apply before starting.", dir_okay=False)
    ] = None,
) -> None:
    """Run the whole gateway on this machine until SIGTERM."""
    from philae.app.gateway import AlreadyRunning
    from philae.app.gateway import serve as run
    from philae.app.intake import PortTaken
    from philae.cli.config import read_document
    from philae.config.document import DocumentFaults
    from philae.config.tls import UnusableCertificate
    from philae.pipeline.ports import LedgerUnavailable

    settings = settings_for(data)
    _start_logging(settings)
    configuration = read_document(config) if config else None
    try:
        raise typer.Exit(run(settings, configuration))
    except DocumentFaults as error:
        fail(*(f"{config}: {fault}" for fault in error.faults), code=2)
    except (AlreadyRunning, PortTaken, LedgerUnavailable, UnusableCertificate) as error:
        fail(str(error))


def intake(data: DATA = None) -> None:
    """Run one intake: take associations on the DICOM port, which several intakes may share."""
    from philae.app.gateway import run_intake
    from philae.app.intake import PortTaken
    from philae.config.tls import UnusableCertificate

    settings = settings_for(data)
    _start_logging(settings)
    try:
        run_intake(settings)
    except (PortTaken, UnusableCertificate) as error:
        fail(str(error))


def worker(data: DATA = None) -> None:
    """Run one worker: transform and deliver what intakes accepted."""
    from philae.app.gateway import run_worker

    settings = settings_for(data)
    _start_logging(settings)
    run_worker(settings)


def web(data: DATA = None) -> None:
    """Run the REST API alone: for a gateway whose intakes and workers run elsewhere."""
    from philae.app.gateway import run_web
    from philae.app.intake import PortTaken

    settings = settings_for(data)
    if settings.web_port == "off":
        fail("PHILAE_WEB_PORT is off; give it a port", code=2)
    _start_logging(settings)
    try:
        run_web(settings)
    except PortTaken as error:
        fail(str(error))


def _start_logging(settings: Settings) -> None:
    from philae.app.log import UnusableLogConfig, start_logging

    try:
        start_logging(settings)
    except UnusableLogConfig as error:
        fail(str(error), code=2)
