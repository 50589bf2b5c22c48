"""Signing in at a provider: OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636)."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]  # it ships no types
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]  # as above
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from philae.admin.users import Role

if TYPE_CHECKING:
    from philae.config.oidc import OidcProvider

_TIMEOUT_S: Final = 10.0
_KNOWN_FOR_S: Final = 3600.0
_SLACK_S: Final = 60
"""Two clocks may differ by so much."""
_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key of the provider's; never by one that we know as well, and never none."""


class NotVouchedFor(Exception):
    """The provider does not say who somebody is; the message says why."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What a browser keeps while somebody is at the provider, so that nobody else can come back in his place."""

    state: str
    nonce: str
    verifier: str
    to: str
    """The page that he wanted."""

    def as_text(self) -> str:
        """In characters that a cookie may have."""
        return urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def from_text(cls, text: str) -> Journey | None:
        """None for what is no journey."""
        try:
            return cls(**{name: str(value) for name, value in json.loads(urlsafe_b64decode(text)).items()})
        except (ValueError, TypeError, AttributeError):
            return None


@dataclass(frozen=True, slots=True)
class Vouched:
    """Somebody whom the provider knows."""

    name: str
    roles: frozenset[Role]
    id_token: str
    """What to show when he signs out there."""


class Provider:
    """The provider; one per process, used by all its threads."""

    def __init__(self, settings: OidcProvider) -> None:
        self.settings: Final = settings
        self._lock = Lock()
        self._known: dict[str, Any] = {}
        self._known_at = -_KNOWN_FOR_S

    def begin(self, back: str, to: str) -> tuple[str, Journey]:
        """Where to send the browser, and what it is to keep. Raises `NotVouchedFor`."""
        journey = Journey(secrets.token_urlsafe(), secrets.token_urlsafe(), secrets.token_urlsafe(48), to)
        with self._client(back) as client:
            url, _ = client.create_authorization_url(
                self._at("authorization_endpoint"),
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.verifier,
            )
        return str(url), journey

    def finish(self, journey: Journey, back: str, answer: Mapping[str, str]) -> Vouched:
        """Who came back with ``answer``. Raises `NotVouchedFor`."""
        if not secrets.compare_digest(answer.get("state", "").encode(), journey.state.encode()):
            raise NotVouchedFor("this answer belongs to another browser; sign in again")
        if "code" not in answer or answer.get("iss", self.settings.issuer) != self.settings.issuer:  # RFC 9207
            raise NotVouchedFor("the provider let nobody in; sign in again")
        try:
            with self._client(back) as client:
                token = client.fetch_token(
                    self._at("token_endpoint"), code=answer["code"], code_verifier=journey.verifier
                )
                claims = self._claims(str(token.get("id_token", "")), journey.nonce)
                if _at_path(claims, self.settings.roles_claim) is None:
                    claims = {**self._user_info(str(token["access_token"]), str(claims["sub"])), **claims}
        except (httpx2.HTTPError, AuthlibBaseError, JoseError, ValueError) as error:
            raise NotVouchedFor(f"the provider's answer cannot be used ({type(error).__name__})") from error
        name = str(claims.get("preferred_username") or claims["sub"])
        return Vouched(name, _roles(_at_path(claims, self.settings.roles_claim)), str(token["id_token"]))

    def leaving(self, id_token: str, back: str) -> str | None:
        """Where to sign out there (OpenID Connect RP-Initiated Logout 1.0); None if that is not possible."""
        try:
            at = self._metadata().get("end_session_endpoint")
        except NotVouchedFor:
            return None
        asked = {"id_token_hint": id_token, "post_logout_redirect_uri": back, "client_id": self.settings.client_id}
        return f"{at}?{urlencode(asked)}" if at else None

    def _client(self, back: str) -> OAuth2Client:
        secret = self.settings.client_secret
        return OAuth2Client(
            self.settings.client_id,
            secret or None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=self.settings.scopes,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
        )

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """What the ID token says, checked as OpenID Connect Core 3.1.3.7 has it. Raises `JoseError`, `ValueError`."""
        found = jwt.decode(id_token, KeySet.import_key_set(self._fetched(self._at("jwks_uri"))), _ALGORITHMS)
        jwt.JWTClaimsRegistry(
            leeway=_SLACK_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            azp={"value": self.settings.client_id},
        ).validate(found.claims)
        return dict(found.claims)

    def _user_info(self, access_token: str, subject: str) -> dict[str, Any]:
        at = self._metadata().get("userinfo_endpoint")
        if not at:
            return {}
        found: dict[str, Any] = self._fetched(str(at), {"Authorization": f"Bearer {access_token}"})
        if found.get("sub") != subject:
            raise ValueError("the user info is somebody else's")
        return found

    def _at(self, name: str) -> str:
        return str(self._metadata()[name])

    def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0). Raises `NotVouchedFor`."""
        with self._lock:
            if monotonic() - self._known_at >= _KNOWN_FOR_S:
                try:
                    known = self._fetched(f"{self.settings.issuer}/.well-known/openid-configuration")
                except (httpx2.HTTPError, ValueError) as error:
                    raise NotVouchedFor(f"the provider cannot be reached ({type(error).__name__})") from error
                needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
                if str(known.get("issuer", "")).rstrip("/") != self.settings.issuer or not needed <= known.keys():
                    raise NotVouchedFor("the provider calls itself otherwise than PHILAE_OIDC_ISSUER says")
                self._known, self._known_at = known, monotonic()
            return self._known

    def _fetched(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        found = httpx2.get(url, headers=headers, timeout=_TIMEOUT_S).raise_for_status().json()
        if not isinstance(found, dict):
            raise ValueError("no JSON object")
        return found


def _at_path(claims: Mapping[str, Any], path: str) -> Any:
    """What the names with dots between lead to; a whole name that holds dots is found too."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _roles(found: Any) -> frozenset[Role]:
    """Those of ours, however they are written; a provider has other roles, too."""
    names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    wanted = {str(name).casefold() for name in names}
    return frozenset(role for role in Role if role.value in wanted)
