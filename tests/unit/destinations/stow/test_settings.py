from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from philae.config.secret import STORED
from philae.config.web_services import Authentication, WebServiceSettings
from philae.destinations.stow import StowSettings
from philae.destinations.stow.credentials import Credentials
from philae.pipeline.outcome import TryAgain


@pytest.mark.parametrize(
    "url, posted_to",
    [
        ("https://a.example/dicom-web", "https://a.example/dicom-web/studies"),
        ("https://a.example/dicom-web/", "https://a.example/dicom-web/studies"),
        ("https://a.example/dicom-web/studies", "https://a.example/dicom-web/studies"),
        ("https://a.example/dicom-web/studies/", "https://a.example/dicom-web/studies"),
        ("http://a.example:8042", "http://a.example:8042/studies"),
    ],
)
def test_studies_is_appended_once(url: str, posted_to: str) -> None:
    assert StowSettings(url=url).studies_url == posted_to


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"url": "ftp://a.example"}, "https://"),
        ({"url": "http://a.example", "http": "2"}, "write https://"),
        ({"http": "3"}, "1.1"),
        ({"url": "https://"}, "name a host"),
        ({"url": "https://a.example:99999"}, "no address"),
        ({"url": "https://u:p@a.example"}, "basic"),
        ({"url": "https://a.example/?a=b"}, "must not hold"),
        ({"url": "https://a.example/a b"}, "must not hold"),
        ({"url": "https://a.example/\r\nX: y"}, "https://"),
        ({"headers": "X-One: 1"}, "<key>name</key>"),
        ({"headers": "<key>A</key><value>1</value><key>a</key><value>2</value>"}, "given twice"),
        ({"headers": {"A B": "1"}}, "HTTP does not allow"),
        ({"headers": {"A": "1\r\nB: 2"}}, "cannot carry"),
        ({"headers": {"Content-Length": "1"}}, "leave it out"),
        ({"headers": {"authorization": "x"}, "token": "t"}, "give one of them"),
        ({"basic": {"username": "u", "password": "p"}, "token": "t"}, "basic and token"),
        ({"basic": {"username": "u:v", "password": "p"}}, "username"),
        ({"tls": {"key": "a"}}, "belong together"),
        ({"tls": {"check_hostname": "false"}}, "authority"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        StowSettings.model_validate({"url": "https://a.example", **settings})


def test_a_secret_shows_neither_in_text_nor_in_faults() -> None:
    secrets = {"basic": {"username": "u", "password": "hidden"}, "token": "hidden", "headers": {"X": "hidden"}}
    oauth2 = {"token_url": "https://a.example/t", "client_id": "c", "client_secret": "hidden"}

    with pytest.raises(ValidationError) as caught:
        StowSettings.model_validate({"url": "https://a.example", **secrets})
    whole = StowSettings.model_validate({"url": "https://a.example", "oauth2": oauth2, "headers": {"X": "hidden"}})

    assert "hidden" not in repr(whole)
    assert all("hidden" not in each["msg"] for each in caught.value.errors())


LOGIN = Authentication(name="login", token_url="https://a.example/t", client_id="c", client_secret="hidden")


def test_an_authentication_by_name_is_where_client_credentials_come_from() -> None:
    named = StowSettings(url="https://a.example", authentication="login")

    found = named.with_authentications(WebServiceSettings(authentications=(LOGIN,)))

    assert found.oauth2 == LOGIN
    assert named.oauth2 is None


def test_a_named_authentication_that_is_gone_sends_nothing_without_it() -> None:
    named = StowSettings(url="https://a.example", authentication="login").with_authentications(WebServiceSettings())

    with pytest.raises(TryAgain, match="no authentication 'login'"):
        Credentials(named).headers()


def album(**changes: str) -> dict[str, str]:
    tokens = {"authorization_destination": "hidden-1", "authorization_source": "hidden-2"}
    return {"name": "research", "url_api": "https://kheops.example/api", **tokens, **changes}


@pytest.mark.parametrize(
    "albums, message",
    [
        ([album(), album(authorization_destination="other")], "names that differ"),
        ([album(), album(name="teaching")], "the same album"),
        ([album(url_api="kheops")], "url_api must begin"),
        ([album(condition="tagValueIsPresent(")], "column"),
        ([album(authorization_source="")], "at least 1 character"),
    ],
)
def test_albums_that_cannot_work_are_refused_in_words(albums: list[dict[str, str]], message: str) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        StowSettings.model_validate({"url": "https://a.example", "kheops_albums": albums})
    assert all("hidden" not in each["msg"] for each in caught.value.errors())


def test_albums_as_an_export_shows_them_are_taken() -> None:
    albums = [
        album(name=name, authorization_destination=STORED, authorization_source=STORED) for name in ("one", "two")
    ]

    settings = StowSettings.model_validate({"url": "https://a.example", "kheops_albums": albums})

    assert [each.name for each in settings.shares_with] == ["one", "two"]
    assert "hidden" not in repr(StowSettings.model_validate({"url": "https://a.example", "kheops_albums": [album()]}))
