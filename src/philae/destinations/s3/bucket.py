"""A bucket as settings name it, and its faults in words that hold no key."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from obstore.store import S3Store

from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from obstore.exceptions import BaseError
    from obstore.store import RetryConfig

    from philae.destinations.s3.settings import S3Settings

CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_STATUS: Final = re.compile(r"status code: (\d{3}[A-Za-z ]*)")
_CAUSES: Final = {
    "dns error": "its name does not resolve",
    "invalid peer certificate": "its certificate is not trusted",
    "TimedOut": "no answer in time",
}
NO_RETRIES: Final[RetryConfig] = {"max_retries": 0, "retry_timeout": timedelta(seconds=1)}
"""The ledger retries, and shows that it does."""


def open_bucket(settings: S3Settings) -> S3Store:
    """Nothing is asked of it yet. Raises `TryAgain` when the authority cannot be read."""
    keys: dict[str, Any] = {
        name: value
        for name in ("access_key_id", "secret_access_key", "endpoint")
        if (value := getattr(settings, name)) is not None
    }
    return S3Store(
        settings.bucket,
        region=settings.region,
        virtual_hosted_style_request=settings.endpoint is None,
        client_options=_client(settings),
        retry_config=NO_RETRIES,
        **keys,
    )


def words(error: BaseError) -> str:
    """What went wrong; the client's own text holds the whole key, and that may hold identifiers."""
    text = str(error)
    said = [found[1].strip() for found in (_STATUS.search(text), CODE.search(text)) if found]
    return " ".join(said) or next((words for sign, words in _CAUSES.items() if sign in text), "no connection")


def _client(settings: S3Settings) -> Any:
    options: dict[str, Any] = {
        "connect_timeout": timedelta(seconds=settings.connect_timeout_s),
        "timeout": timedelta(seconds=settings.response_timeout_s),
        "allow_http": bool(settings.endpoint and settings.endpoint.startswith("http://")),
    }
    if settings.authority is not None:
        try:
            options["root_certificate"] = settings.authority.read_bytes()
        except OSError as error:
            raise TryAgain(f"cannot read {settings.authority}: {error.strerror}") from error
    return options
