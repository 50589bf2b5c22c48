"""Web services behind one set of settings: each request is asked once, and again only when that may help."""

from __future__ import annotations

from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import httpx2

from philae.deid.requests import Failure, Reply, Request
from philae.pipeline.tokens import NoToken, TokenRequest, Tokens
from philae.pseudonyms.web_services.answers import Call, NoAnswer, answer_to, host_of
from philae.pseudonyms.web_services.hosts import check_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.config.web_services import WebServiceSettings

_MOST_KEPT: Final = 4096
_FIRST_PAUSE_S: Final = 0.2
_ONE_CALL_EACH: Final = httpx2.Limits(max_keepalive_connections=0)  # answers are kept, calls are rare
_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}


class WebServices:
    """Answers requests. Safe for many threads. Redirects are not followed, proxies of the environment not used."""

    def __init__(self, settings: WebServiceSettings, now: Callable[[], float] = monotonic) -> None:
        self._settings = settings
        self._now = now
        self._client = httpx2.Client(
            timeout=settings.timeout_s, follow_redirects=False, trust_env=False, limits=_ONE_CALL_EACH
        )
        self._tokens = {each.name: Tokens(each, self._granted, now) for each in settings.authentications}
        self._known: dict[Request, tuple[str, float]] = {}
        self._lock = Lock()

    def reply(self, request: Request) -> Reply:
        """The body of the answer, or why there is none."""
        try:
            return self.answer(request)
        except NoAnswer as error:
            return Failure(str(error), error.may_pass)

    def answer(self, request: Request) -> str:
        """The body of the answer; only answers are kept. Raises `NoAnswer`."""
        with self._lock:
            known = self._known.get(request)
        if known is not None and self._now() < known[1]:
            return known[0]
        answer = self._asked(request)
        self._keep(request, answer)
        return answer

    def _asked(self, request: Request) -> str:
        if request.authentication is None:
            return self._exchange(Call(request.method, request.url, _JSON, request.body))
        tokens = self._tokens.get(request.authentication)
        if tokens is None:
            raise NoAnswer(f"there is no authentication {request.authentication!r} in web_services")
        try:
            return self._with_token(request, tokens)
        except NoAnswer as error:
            if not error.is_unauthorized:
                raise
        return self._with_token(request, tokens)

    def _with_token(self, request: Request, tokens: Tokens) -> str:
        try:
            token = tokens.token()
        except NoToken as error:
            raise NoAnswer(f"authentication {request.authentication!r} got no token") from error
        try:
            headers = {**_JSON, "Authorization": f"Bearer {token}"}
            return self._exchange(Call(request.method, request.url, headers, request.body))
        except NoAnswer as error:
            if error.is_unauthorized:
                tokens.refused(token)
            raise

    def _granted(self, request: TokenRequest) -> str:
        return self._exchange(Call("POST", request.url, request.headers, request.body))

    def _exchange(self, call: Call) -> str:
        """One answer after up to so many attempts as are set. Raises `NoAnswer`."""
        check_host(host_of(call.url), self._settings.allowed_hosts)
        for attempt in range(1, self._settings.attempts):
            try:
                return answer_to(call, self._client, self._settings.timeout_s)
            except NoAnswer as error:
                if not error.may_pass:
                    raise
                sleep(_FIRST_PAUSE_S * 2 ** (attempt - 1))
        return answer_to(call, self._client, self._settings.timeout_s)

    def _keep(self, request: Request, answer: str) -> None:
        with self._lock:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[request] = answer, self._now() + self._settings.cache_s
