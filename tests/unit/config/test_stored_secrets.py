from __future__ import annotations

from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field

from philae.config.configuration import Configuration
from philae.config.document import DocumentFaults, dump_document
from philae.config.fields import Frozen
from philae.config.kinds import DestinationSettings
from philae.config.secret import STORED, Secret
from philae.config.stored_secrets import with_stored_secrets


class Album(Frozen):
    url: str
    token: Secret


class Archive(DestinationSettings):
    kind_name: ClassVar[str] = "archive"
    kind: Literal["archive"] = "archive"
    url: str = "https://one.example.org"
    password: Secret | None = Field(default=None, repr=False)
    headers: dict[str, Secret] = Field(default={})
    albums: tuple[Album, ...] = ()


KINDS = {"destination_kinds": {"archive": Archive}, "pseudonym_kinds": {}}
ALBUMS = [{"url": "https://a", "token": "token-a"}, {"url": "https://b", "token": "token-b"}]
WHOLE: dict[str, Any] = {"password": "pass-1", "headers": {"X-Key": "key-1"}, "albums": ALBUMS}


def configuration(name: str = "pacs", node: str = "PHILAE", **settings: Any) -> Configuration:
    destination = {"name": name, "settings": {"kind": "archive", **settings}}
    login = {"name": "idp", "token_url": "https://idp", "client_id": "c", "client_secret": "secret-1"}
    return Configuration.model_validate(
        {
            "web_services": {"authentications": [login]},
            "forward_nodes": [{"ae_title": node, "destinations": [destination]}],
        },
        context=KINDS,
    )


def hidden(**changes: Any) -> Configuration:
    """The configuration as an export shows it."""
    albums = [{**album, "token": STORED} for album in changes.pop("albums", ALBUMS)]
    return configuration(**{"password": STORED, "headers": {"X-Key": STORED}, "albums": albums, **changes})


def settings_of(found: Configuration) -> Archive:
    settings = found.forward_nodes[0].destinations[0].settings
    assert isinstance(settings, Archive)
    return settings


def test_a_document_shows_no_secret_and_where_they_are() -> None:
    text = dump_document(configuration(**WHOLE))

    assert [each for each in ("pass-1", "key-1", "token-a", "secret-1") if each in text] == []
    assert text.count(STORED) == 5


def test_what_was_left_out_is_put_back() -> None:
    before = configuration(**WHOLE)

    assert with_stored_secrets(hidden(), before, KINDS) == before


def test_a_secret_that_is_written_counts() -> None:
    found = with_stored_secrets(hidden(password="pass-2"), configuration(**WHOLE), KINDS)

    assert settings_of(found).password == "pass-2"
    assert settings_of(found).headers == {"X-Key": "key-1"}


def test_items_without_names_are_known_by_all_the_rest() -> None:
    found = with_stored_secrets(hidden(albums=ALBUMS[::-1]), configuration(**WHOLE), KINDS)

    assert [album.token for album in settings_of(found).albums] == ["token-b", "token-a"]


@pytest.mark.parametrize(
    "changes, place",
    [
        ({"url": "https://evil.example.org"}, r"destinations\[pacs\]\.password"),
        ({"name": "other"}, r"destinations\[other\]"),
        ({"node": "OTHER"}, r"forward_nodes\[OTHER\]"),
        ({"albums": [{"url": "https://c"}]}, r"albums\[0\]\.token"),
    ],
)
def test_nobody_gets_a_secret_by_another_name_or_address(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(DocumentFaults, match=place) as refused:
        with_stored_secrets(hidden(**changes), configuration(**WHOLE), KINDS)
    assert "pass-1" not in str(refused.value)


def test_a_secret_that_never_was_is_missed() -> None:
    with pytest.raises(DocumentFaults, match="password"):
        with_stored_secrets(hidden(albums=[], headers={}), configuration(), KINDS)
