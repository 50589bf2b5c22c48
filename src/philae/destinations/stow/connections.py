"""The connection to an archive in the version of HTTP that its settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.destinations.stow.connection import Connection

if TYPE_CHECKING:
    from philae.destinations.stow.http2 import Http2Connection
    from philae.destinations.stow.settings import StowSettings


def connection_to(settings: StowSettings) -> Connection | Http2Connection:
    """A new connection, opened when needed."""
    waits = {"connect_s": settings.connect_timeout_s, "response_s": settings.response_timeout_s}
    if settings.http == "2":
        from philae.destinations.stow.http2 import Http2Connection  # noqa: PLC0415 - loads what few archives need

        return Http2Connection(settings.studies_url, settings.tls, **waits)
    return Connection(settings.studies_url, settings.tls, **waits)
