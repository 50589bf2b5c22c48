"""Where a command finds its gateway."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.failure import fail

if TYPE_CHECKING:
    from philae.config.settings import Settings

DATA = Annotated[
    Path | None, typer.Option("--data", help="The gateway's data folder; PHILAE_DATA otherwise.", file_okay=False)
]


def settings_for(data: Path | None) -> Settings:
    """The settings, with ``--data`` before everything else; ends the command when they are wrong."""
    from philae.config.settings_sources import SettingsFaults, load_settings

    try:
        return load_settings(data=data)
    except SettingsFaults as error:
        fail(*(str(fault) for fault in error.faults), code=2)
