"""An OpenID Connect provider on this machine: discovery, sign-in page, tokens, keys, user info, sign-out."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "philae", "a secret of the client"


@dataclass
class Provider:
    """What it knows, and what it was asked; a test may change what it says."""

    issuer: str = ""
    people: dict[str, list[str]] = field(default_factory=lambda: {"frieda": ["admin", "offline_access"]})
    """Their realm roles."""
    signing: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False))
    published: RSAKey | None = None
    """Another key than the one it signs with."""
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    """What becomes of the claims before they are signed."""
    roles_in_user_info: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    signed_out: list[dict[str, str]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        return {
            "PHILAE_OIDC_ISSUER": self.issuer,
            "PHILAE_OIDC_CLIENT_ID": CLIENT,
            "PHILAE_OIDC_CLIENT_SECRET": SECRET,
        }

    def code_for(self, name: str, asked: dict[str, str]) -> str:
        """Somebody has signed in; where the browser goes."""
        code = secrets.token_urlsafe()
        self.codes[code] = {**asked, "name": name}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, asked: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        kind, _, credentials = authorization.partition(" ")
        known = kind == "Basic" and unquote(b64decode(credentials).decode()) == f"{CLIENT}:{SECRET}"
        code = self.codes.pop(asked.get("code", ""), None)
        verifier = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(verifier).decode().rstrip("=")
        if not known or code is None or code["code_challenge"] != challenge or code["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_grant"}
        if code["redirect_uri"] != asked.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        claims = self.change(self._claims(code))
        header = {"alg": "RS256", "kid": "k1"}
        signed = jwt.encode(header, claims, self.signing)
        return 200, {"access_token": code["name"], "token_type": "Bearer", "expires_in": 60, "id_token": signed}

    def _claims(self, code: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": code["nonce"]}
        who = self.user_info(code["name"])
        return claims | ({"sub": who["sub"]} if self.roles_in_user_info else who)

    def user_info(self, name: str) -> dict[str, Any]:
        roles = {"realm_access": {"roles": self.people[name]}}
        return {"sub": f"id of {name}", "preferred_username": name, **roles}

    def metadata(self) -> dict[str, str]:
        ends = ("authorization", "token", "userinfo", "end_session")
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            **{f"{end}_endpoint": f"{self.issuer}/{end}" for end in ends},
        }


class _Handler(BaseHTTPRequestHandler):
    provider: ClassVar[Provider]

    def do_GET(self) -> None:
        provider, url = self.provider, urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        at = url.path.removeprefix("/realm")
        if at == "/.well-known/openid-configuration":
            self._json(200, provider.metadata())
        elif at == "/jwks":
            self._json(200, {"keys": [(provider.published or provider.signing).as_dict(private=False)]})
        elif at == "/userinfo":
            self._json(200, provider.user_info(self.headers["Authorization"].removeprefix("Bearer ")))
        elif at == "/authorization" and "login" not in asked:
            links = (f'<a href="{self.path}&login={name}">Sign in as {name}</a>' for name in provider.people)
            self._answer(200, f'<!doctype html><html lang="en"><title>Provider</title>{"".join(links)}', "text/html")
        elif at == "/authorization":
            self._go(provider.code_for(asked.pop("login"), asked))
        elif at == "/end_session":
            provider.signed_out.append(asked)
            self._go(asked["post_logout_redirect_uri"])
        else:
            self._answer(404, "", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(*self.provider.token(asked, self.headers.get("Authorization", "")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has
        """Tests print nothing."""

    def _json(self, status: int, document: object) -> None:
        self._answer(status, json.dumps(document), "application/json")

    def _go(self, to: str) -> None:
        self.send_response(303)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: int, text: str, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def oidc_provider() -> Iterator[Provider]:
    """One that answers."""
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}/realm"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
