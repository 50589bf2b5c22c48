"""The OpenAPI document, with the schemas that are made from the kinds of destinations there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from philae.web.api.shapes import schemas
from philae.web.problems import Told

if TYPE_CHECKING:
    from fastapi import FastAPI


def describe(app: FastAPI) -> None:
    """Let ``app`` answer with it."""
    without = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = without()
            document["components"]["schemas"] |= schemas() | {Told.__name__: Told.model_json_schema()}
        return without()

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI has for it
