"""`philae serve`, `philae intake`, `philae worker`: the gateway's processes."""

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
    from philae.app.log import log_to_stderr
    from philae.cli.config import read_document
    from philae.pipeline.ports import LedgerUnavailable

    settings = settings_for(data)
    _refuse_tls(settings)
    log_to_stderr(settings.log_level)
    configuration = read_document(config) if config else None
    try:
        raise typer.Exit(run(settings, configuration))
    except (AlreadyRunning, PortTaken, LedgerUnavailable) as error:
        fail(str(error))


def intake(data: DATA = None) -> None:
    """Run one intake: take associations on the DICOM port, which several intakes may share."""
    from philae.app.gateway import run_intake
    from philae.app.intake import PortTaken
    from philae.app.log import log_to_stderr

    settings = settings_for(data)
    _refuse_tls(settings)
    log_to_stderr(settings.log_level)
    try:
        run_intake(settings)
    except PortTaken as error:
        fail(str(error))


def worker(data: DATA = None) -> None:
    """Run one worker: transform and deliver what intakes accepted."""
    from philae.app.gateway import run_worker
    from philae.app.log import log_to_stderr

    settings = settings_for(data)
    log_to_stderr(settings.log_level)
    run_worker(settings)


def _refuse_tls(settings: Settings) -> None:
    """Who sets a TLS port counts on it; to start without would be worse than not to start."""
    if settings.dicom_tls_port is not None:
        fail("PHILAE_DICOM_TLS_PORT is set, but this release takes no associations over TLS; unset it", code=2)
