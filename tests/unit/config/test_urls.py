from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from philae.config.urls import Url, UrlWithQuery


class Service(BaseModel):
    url: Url = "https://a.example"
    token_url: UrlWithQuery = "https://a.example"


def test_addresses_are_taken_as_written() -> None:
    service = Service(url="http://a.example:8080/x/", token_url="https://a.example/t?realm=b")

    assert (service.url, service.token_url) == ("http://a.example:8080/x/", "https://a.example/t?realm=b")


@pytest.mark.parametrize(
    "url, words",
    [
        ("ftp://a.example", "url must begin with https:// or http://"),
        ("https://", "name a host"),
        ("https://a.example:0", "name a host"),
        ("https://a.example:99999", "url is no address"),
        ("https://u:hidden@a.example", "url must not hold a password"),
        ("https://a.example/#b", "url must not hold"),
        ("https://a.example/a b", "url must not hold"),
        ("https://a.example/?a=b", "url must not hold"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_the_name_of_its_key(url: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words) as refused:
        Service(url=url)
    assert "hidden" not in refused.value.errors()[0]["msg"]


def test_a_query_is_taken_where_it_may_be_but_nothing_else() -> None:
    with pytest.raises(ValidationError, match="token_url must begin"):
        Service(token_url="a.example")
