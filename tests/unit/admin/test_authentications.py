from __future__ import annotations

import pytest

from philae.admin.authentications import uses_of_authentication, with_authentication, without_authentication
from philae.admin.declined import Declined
from philae.admin.profiles import with_profile
from philae.config.configuration import Configuration
from philae.config.web_services import Authentication
from tests.support.projects import KINDS, configuration

LOGIN = Authentication(name="registry", token_url="https://idp.example.org", client_id="c", client_secret="s")
ASKING = """
name: Asking
profileElements:
  - name: Ask
    codename: action.replace.api
    tags: ["(0010,0010)"]
    arguments: {url: "https://p.example.org/", responsePath: /name, authConfig: registry}
"""


def used() -> Configuration:
    """An authentication that a source of pseudonyms and a profile refer to."""
    added = with_profile(with_authentication(configuration("Trial", using=["Trial"]), LOGIN), ASKING)
    document = added.model_dump(mode="json")
    pseudonym = {"kind": "api", "url": "https://p.example.org/", "response_path": "", "authentication": "registry"}
    document["forward_nodes"][0]["destinations"][0]["deidentify"]["pseudonym"] = pseudonym
    return Configuration.model_validate(document, context=KINDS)


def test_an_authentication_is_added_and_never_changed() -> None:
    added = with_authentication(configuration("Trial"), LOGIN)

    assert added.web_services.authentication("registry") == LOGIN
    with pytest.raises(Declined, match="another name"):
        with_authentication(added, LOGIN.model_copy(update={"client_id": "other"}))


def test_who_refers_to_it_is_known() -> None:
    assert uses_of_authentication(used(), "registry") == ("destination PHILAE/to Trial", "profile Asking")
    assert uses_of_authentication(used(), "other") == ()


def test_a_removal_tells_whom_it_leaves_without() -> None:
    left, uses = without_authentication(used(), "registry")

    assert left.web_services.authentications == ()
    assert uses == ("destination PHILAE/to Trial", "profile Asking")
    with pytest.raises(Declined, match="no authentication 'registry'"):
        without_authentication(left, "registry")


def test_its_secret_is_not_shown() -> None:
    assert "client_secret" not in repr(LOGIN.model_copy(update={"client_secret": "hush"})).replace("client_id", "")
