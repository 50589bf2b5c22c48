from __future__ import annotations

import pytest

from philae.admin.declined import Declined
from philae.admin.profiles import (
    profile_named,
    uses_of_profile,
    versions_of_profile,
    with_profile,
    without_profile,
)
from philae.config.configuration import Configuration
from philae.config.project import StoredProfile
from philae.deid.errors import ProfileFaults
from tests.support.documents import PROFILE
from tests.support.projects import configuration

SECOND = PROFILE.replace('"1.0"', '"2.0"')


class Versions:
    """`philae.pipeline.ports.ConfigStore` with these versions, from 1."""

    def __init__(self, *texts: str | None) -> None:
        profiles = [() if text is None else (StoredProfile(name="Basic", text=text),) for text in texts]
        self._known = [Configuration(version=at, profiles=each) for at, each in enumerate(profiles, 1)]

    def current(self) -> Configuration:
        return self._known[-1]

    def version(self, number: int) -> Configuration:
        return self._known[number - 1]

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError


def test_a_used_profile_stays_and_its_projects_are_named() -> None:
    used = configuration("Trial", "Spare")

    assert uses_of_profile(used, "research") == ("Trial", "Spare")
    with pytest.raises(Declined, match="Trial, Spare"):
        without_profile(used, "research")


def test_an_imported_profile_is_there_until_it_is_removed() -> None:
    imported = with_profile(configuration("Trial"), PROFILE)

    assert profile_named(imported, "Basic").text == PROFILE
    assert without_profile(imported, "Basic") == configuration("Trial")


def test_an_import_takes_the_place_of_the_profile_with_its_name() -> None:
    again = with_profile(with_profile(configuration("Trial"), PROFILE), SECOND)

    assert [each.name for each in again.profiles] == ["research", "Basic"]
    assert profile_named(again, "Basic").text == SECOND


def test_a_faulty_profile_is_not_imported() -> None:
    with pytest.raises(ProfileFaults):
        with_profile(configuration("Trial"), "name: broken\nprofileElements: [{codename: nonsense}]")


def test_what_a_profile_was_is_told_newest_first() -> None:
    history = versions_of_profile(Versions(PROFILE, PROFILE, SECOND, None, PROFILE, PROFILE), "Basic")

    assert [(each.configuration_version, each.version) for each in history] == [(5, "1.0"), (3, "2.0"), (1, "1.0")]


def test_an_unknown_profile_has_no_past_and_is_declined() -> None:
    assert list(versions_of_profile(Versions(PROFILE), "other")) == []
    with pytest.raises(Declined, match="known are: research"):
        profile_named(configuration("Trial"), "other")
