"""What may ail a STOW-RS destination: the token, the login, the address of the service."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from philae.admin.doctor import Endpoint, Ill, Said, Step, Verdict
from philae.destinations.stow.connection import Broken, Request
from philae.destinations.stow.connections import connection_to
from philae.destinations.stow.credentials import Credentials
from philae.destinations.stow.kheops import Kheops, NotShared
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.admin.doctor import Case
    from philae.config.album import KheopsAlbum
    from philae.destinations.stow.connection import Answer
    from philae.destinations.stow.settings import StowSettings

NO_STUDY: Final = "2.25.329800735698586629295641978511506172918"
"""A UUID that was made for this question (PS3.5 B.2): nobody's study is looked at."""
UNAUTHORIZED: Final = 401
_WITHOUT_QUERIES: Final = frozenset({404, 405, 406, 501})
_SCHEME: Final = re.compile(r"[A-Za-z]{1,20}\b")


class StowDoctor:
    """Asks by QIDO-RS (PS3.18 10.6) for a study that does not exist, then what may be done there (PS3.18 8.1.1)."""

    def __init__(self, settings: StowSettings, case: Case) -> None:
        self._settings = settings
        self._stores = case.store
        self._url = settings.studies_url
        self._credentials = Credentials(settings)
        self._connection = connection_to(settings)

    @property
    def endpoint(self) -> Endpoint:
        """The server."""
        parts = urlsplit(self._url)
        tls = self._settings.tls if parts.scheme == "https" else None
        port = parts.port or (80 if tls is None else 443)
        return Endpoint(parts.hostname or "", port, tls, self._settings.connect_timeout_s)

    def steps(self) -> Iterator[Step]:
        """The token where there is one, then the service with it."""
        if self._settings.oauth2 is not None or self._settings.authentication is not None:
            yield Step("access token", self._get_token)
        yield Step("DICOMweb service", self._ask)
        for album in self._settings.kheops_albums:
            yield Step(f"album {album.name}", partial(self._check, album))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _get_token(self) -> Said:
        try:
            self._credentials.headers()
        except TryAgain as error:
            raise Ill(str(error), "put right what the token server says; correct the client credentials") from error
        return Said("granted")

    def _check(self, album: KheopsAlbum) -> Said:
        kheops = Kheops(album, self._settings.tls)
        try:
            kheops.check_tokens()
        except NotShared as error:
            raise Ill(str(error), "series wait until this is put right; then they are shared") from error
        finally:
            kheops.close()
        return Said("both tokens hold and may do what they are for")

    def _ask(self) -> Said:
        answer = self._answer("GET", f"{self._url}?StudyInstanceUID={NO_STUDY}&limit=1")
        if answer.status in {200, 204}:
            return Said(f"a query is answered ({answer.status})")
        if answer.status in _WITHOUT_QUERIES and self._takes_posts():
            return Said(f"takes instances, but no queries ({answer.status})")
        return self._judged(answer)

    def _takes_posts(self) -> bool:
        answer = self._answer("OPTIONS", self._url)
        return answer.status < 300 and "POST" in answer.headers.get("allow", "").upper()

    def _judged(self, answer: Answer) -> Said:
        """Of an answer that is no result of a query."""
        status = answer.status
        if status == UNAUTHORIZED:
            raise Ill("the archive does not know who asks (401)", self._advice_on_login(answer))
        if status == 403:
            return self._undecided(
                "the archive knows who asks, but queries are forbidden (403)",
                "have this account allowed to store; if it is, --store shows it",
            )
        if status in {405, 406, 501}:
            return self._undecided(f"no queries are answered ({status})", "if it takes instances, --store shows it")
        if status == 404:
            raise Ill("there is no DICOMweb service at this address (404)", f"correct url: {self._url} is asked")
        if 300 <= status < 400:
            raise Ill(f"the service is at another address ({status})", "correct url to where it redirects")
        raise Ill(f"the archive answers {status}", "see the archive's log, or the proxy's before it")

    def _undecided(self, message: str, advice: str) -> Said:
        """A trial delivery tells; without one it counts as a failure."""
        if self._stores:
            return Said(message, Verdict.WARNING)
        raise Ill(message, advice)

    def _advice_on_login(self, answer: Answer) -> str:
        settings = self._settings
        scheme = _SCHEME.match(answer.headers.get("www-authenticate", ""))
        wants = f" by {scheme[0]}" if scheme else ""
        given = settings.basic or settings.token or settings.oauth2 or settings.authentication or settings.headers
        if given:
            return f"correct the credentials; the archive wants a login{wants}"
        return f"give credentials (basic, token, oauth2 or authentication); the archive wants a login{wants}"

    def _answer(self, method: str, url: str) -> Answer:
        try:
            answer = self._asked(method, url)
            if answer.status == UNAUTHORIZED and self._credentials.refused():
                return self._asked(method, url)
            return answer
        except (TryAgain, Broken) as error:
            raise Ill(str(error), "see whether the archive hangs, and that url names its HTTP port") from error

    def _asked(self, method: str, url: str) -> Answer:
        headers = {**self._credentials.headers(), "Accept": "application/dicom+json"}
        self._connection.send(Request(method, url, headers))
        return self._connection.answer()
