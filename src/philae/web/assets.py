"""The files that pages load: ours, and those that `make env` installs from npm."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from typing_extensions import override

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

STATIC: Final = Path(__file__).parent / "static"
INSTALLED: Final = ("core/tabler.min.css", "core/tabler.min.js", "htmx.org/htmx.min.js", "icons/sprite.svg")
_FOR_EVER: Final = "public, max-age=31536000, immutable"


class _Static(StaticFiles):
    """A file that is asked for by its hash never changes."""

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v="):
            response.headers["Cache-Control"] = _FOR_EVER
        return response


def static_files() -> GZipMiddleware:
    """The application below ``/static``; what it serves holds no secrets, so it may be compressed."""
    return GZipMiddleware(_Static(directory=STATIC))


@cache
def are_installed() -> bool:
    """Whether everything from npm is there."""
    return all((STATIC / "vendor" / name).is_file() for name in INSTALLED)


@cache
def url_of(name: str) -> str:
    """The address of a static file, different for every content."""
    path = STATIC / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"
    return f"/static/{name}?v={digest}"
