"""Addresses of web services as configured."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, ValidationInfo


def _checked(url: str, info: ValidationInfo) -> str:
    if urlsplit(_with_query(url, info)).query:
        raise ValueError(f"{info.field_name} must not hold spaces, ? or #")
    return url


def _with_query(url: str, info: ValidationInfo) -> str:
    name = info.field_name
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{name} is no address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or not url.isprintable():
        raise ValueError(f"{name} must begin with https:// or http:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{name} must not hold a password; credentials have keys of their own, such as basic")
    if parts.fragment or " " in url:
        raise ValueError(f"{name} must not hold spaces, ? or #")
    return url


Url = Annotated[str, AfterValidator(_checked)]
"""An http or https address without credentials and query."""
UrlWithQuery = Annotated[str, AfterValidator(_with_query)]
"""The same, but a query may follow."""
