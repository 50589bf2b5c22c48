"""The REST API: one router per noun, listed here in the order of the reference."""

from typing import Final

from fastapi import APIRouter

from philae.web.api import (
    alarms,
    audit,
    authentications,
    configuration,
    deliveries,
    doctor,
    echo,
    health,
    mail,
    metrics,
    nodes,
    profiles,
    projects,
    pseudonyms,
    status,
    targets,
    tokens,
    users,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    status.router,
    alarms.router,
    deliveries.router,
    configuration.router,
    nodes.router,
    targets.router,
    projects.router,
    profiles.router,
    pseudonyms.router,
    pseudonyms.lookup_router,
    authentications.router,
    echo.router,
    doctor.router,
    mail.router,
    users.router,
    tokens.router,
    audit.router,
    metrics.router,
    health.router,
)
