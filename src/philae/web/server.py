"""The web process: pages and the REST API on one listener."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from philae.web.api import ROUTERS
from philae.web.api.description import describe
from philae.web.assets import static_files
from philae.web.auth import is_known
from philae.web.body_limit import BodyLimit
from philae.web.live import Live
from philae.web.origin import OwnOriginOnly
from philae.web.pages import PAGES
from philae.web.pages.problem import show_problem
from philae.web.problems import RESPONSES, answer_with_problems
from philae.web.security import SecurityHeaders

if TYPE_CHECKING:
    import socket

    from starlette.types import ASGIApp

    from philae.web.gateway import Gateway


def create_app(gateway: Gateway, stow: ASGIApp | None = None) -> FastAPI:
    """The application for this gateway, with its OpenAPI document at ``/api/v1/openapi.json``.

    ``stow`` takes the requests below ``/dicomweb``.
    """
    app = FastAPI(
        title="Philae",
        summary="The DICOM gateway that sends images out without sending patients out.",
        version=version("philae"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # their scripts come from the internet
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host the request names
        generate_unique_id_function=lambda route: route.name,  # what generated clients call it
    )
    app.state.gateway = gateway
    app.state.live = Live(gateway.overview)
    answer_with_problems(app)
    app.state.show_problem = show_problem
    app.add_middleware(BodyLimit, knows=partial(is_known, gateway))
    app.add_middleware(OwnOriginOnly)
    elsewhere = gateway.provider.settings.origin if gateway.provider else ""
    app.add_middleware(SecurityHeaders, forms_may_lead_to=elsewhere)
    if stow is not None:
        app.mount("/dicomweb", stow)
    app.mount("/static", static_files())
    for router in ROUTERS:
        app.include_router(router, responses=RESPONSES)
    describe(app)
    for page in PAGES:
        app.include_router(page)
    return app


class WebService:
    """Serves ``app`` on ``listener`` until stopped; requests under way may end within ``drain_s``."""

    def __init__(self, app: FastAPI, listener: socket.socket, drain_s: float) -> None:
        self._listener = listener
        self._live: Live = app.state.live
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=max(1, int(drain_s)),
            )
        )

    def run(self) -> None:
        """Answer requests until stopped."""
        self._live.open()
        self._server.run(sockets=[self._listener])

    def stop(self) -> None:
        """No new connections; `run` returns when what is under way has been answered."""
        self._server.should_exit = True
        self._live.close()
