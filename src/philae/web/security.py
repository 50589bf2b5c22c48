"""What every answer carries, and how large a request may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY: Final = "Content-Security-Policy"
HEADERS: Final = {
    _POLICY: (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; "  # the style sheet holds some icons as data:
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"  # the last, so that it can be added to
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Adds what an answer does not say itself; a form may lead to ``forms_may_lead_to`` besides ourselves."""

    def __init__(self, app: ASGIApp, forms_may_lead_to: str = "") -> None:
        self._app = app
        policy = f"{HEADERS[_POLICY]} {forms_may_lead_to}".strip()
        self._headers = {**HEADERS, _POLICY: policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
