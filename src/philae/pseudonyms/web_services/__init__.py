"""What web services answer to the requests of profiles: cached, authenticated, and only from hosts that may be asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

from philae.config.web_services import WebServiceSettings
from philae.deid.errors import DeidError
from philae.deid.requests import Reply, Request
from philae.pipeline.outcome import Busy
from philae.pseudonyms.web_services.answers import NoAnswer
from philae.pseudonyms.web_services.services import WebServices

__all__ = ["WebServices", "answer", "ask"]

_NOT_FOUND: Final = 404


def ask(settings: WebServiceSettings, requests: Collection[Request]) -> Mapping[Request, Reply]:
    """An answer, or the reason why there is none, for each request; what is known is not asked again."""
    services = _services(settings)
    return {request: services.reply(request) for request in requests}


def answer(settings: WebServiceSettings, request: Request) -> str | None:
    """The answer to one request; None when the service knows nothing by that name (404).

    Raises `Busy` when time may heal it, `DeidError` when a person has to look.
    """
    try:
        return _services(settings).answer(request)
    except NoAnswer as error:
        if error.status == _NOT_FOUND:
            return None
        if error.may_pass:
            raise Busy(f"a web service gave no answer: {error}") from error
        raise DeidError(f"a web service gave no answer: {error}") from error


@lru_cache(maxsize=2)  # the settings in force, and those before
def _services(settings: WebServiceSettings) -> WebServices:
    return WebServices(settings)
