"""The pages: one module each, listed here."""

from typing import Final

from fastapi import APIRouter

from philae.web.pages import (
    account,
    audit,
    configuration,
    destinations,
    entrance,
    examination,
    home,
    monitoring,
    nodes,
    profiles,
    projects,
    tokens,
    tools,
    users,
)

PAGES: Final[tuple[APIRouter, ...]] = (
    entrance.router,
    account.router,
    home.router,
    monitoring.router,
    nodes.router,
    destinations.router,
    examination.router,
    profiles.router,
    projects.router,
    tools.router,
    users.router,
    tokens.router,
    audit.router,
    configuration.router,
)
