"""The REST API: one router per noun, listed here in the order of the reference."""

from typing import Final

from fastapi import APIRouter

from philae.web.api import audit, configuration, deliveries, doctor, echo, health, metrics, status, tokens

ROUTERS: Final[tuple[APIRouter, ...]] = (
    status.router,
    deliveries.router,
    configuration.router,
    echo.router,
    doctor.router,
    tokens.router,
    audit.router,
    metrics.router,
    health.router,
)
