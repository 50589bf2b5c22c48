"""An OAuth 2.0 server that grants client credentials, authlib's, and can take tokens back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer  # type: ignore[import-untyped] # has no types
from authlib.oauth2.rfc6749 import ClientMixin  # type: ignore[import-untyped] # as above
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant  # type: ignore[import-untyped] # as above
from flask import Flask, Response
from werkzeug.serving import make_server

CLIENT_ID = "philae-gateway"
CLIENT_SECRET = "secret-of-a-test"
"""Without characters that RFC 6749 2.3.1 wants encoded: authlib, like others, takes them as they are."""
SCOPE = "dicom.write"


class _Client(ClientMixin):  # type: ignore[misc] # authlib has no types
    """The one client there is."""

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str | None) -> str:
        return SCOPE if scope == SCOPE else ""

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("client_secret_basic", "token")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class _Grant(ClientCredentialsGrant):  # type: ignore[misc] # authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - the name is that of the base class


@dataclass
class TokenServer:
    """``granted`` holds every token and when it ends."""

    expires_in: int = 3600
    port: int = 0
    granted: dict[str, float] = field(default_factory=dict)

    def is_valid(self, authorization: str) -> bool:
        """Of a header ``Authorization``."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and monotonic() < self.granted.get(token, 0.0)

    def revoke_all(self) -> None:
        self.granted = dict.fromkeys(self.granted, 0.0)

    def authentication(self, **changes: str) -> dict[str, Any]:
        """Of a configuration document."""
        url = f"http://127.0.0.1:{self.port}/token"
        known = {"token_url": url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": SCOPE}
        return {"name": "archive-login", **known, **changes}

    def app(self) -> Flask:
        def save(token: dict[str, Any], _request: Any) -> None:
            self.granted[token["access_token"]] = monotonic() + token["expires_in"]

        def client(client_id: str) -> _Client | None:
            return _Client() if client_id == CLIENT_ID else None

        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
        app = Flask(__name__)
        app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": self.expires_in}
        server = AuthorizationServer(app, query_client=client, save_token=save)
        server.register_grant(_Grant)

        @app.post("/token")
        def token() -> Response:
            answer: Response = server.create_token_response()
            return answer

        return app


@contextmanager
def token_server(expires_in: int = 3600) -> Iterator[TokenServer]:
    """On the loopback interface."""
    server = TokenServer(expires_in)
    http = make_server("127.0.0.1", 0, server.app(), threaded=True)
    server.port = http.server_port
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
