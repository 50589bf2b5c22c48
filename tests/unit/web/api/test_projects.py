"""Projects, profiles and authentications by the REST API."""

from __future__ import annotations

from philae.web.gateway import Gateway
from tests.support.api import Api, told
from tests.support.documents import PROFILE, PROJECT

OTHER = PROFILE.replace("name: Basic", "name: Other", 1)
YAML = {"content_type": "application/yaml"}


def test_a_project_is_added_changed_and_deleted(api: Api, gateway: Gateway) -> None:
    added = api("POST", "/projects", {"name": "Study", "profile": "Basic"})
    changed = api("PUT", "/projects/Study", {"name": "Study", "profile": "Basic", "pseudonym_days": 30})
    deleted = api("DELETE", "/projects/Study")

    assert (added.status_code, added.json()["used_by"]) == (201, [])
    assert changed.json()["settings"]["pseudonym_days"] == 30
    assert changed.json()["secret"] == added.json()["secret"], "a secret does not change by being left out"
    assert deleted.status_code == 204
    assert [action for _, action, _ in told(gateway)] == ["project.created", "project.changed", "project.deleted"]


def test_a_project_in_use_is_not_deleted(api: Api) -> None:
    refused = api("DELETE", "/projects/Trial")

    assert refused.status_code == 409
    assert "PHILAE/local" in refused.json()["detail"]
    assert api("GET", "/projects/Trial").json()["used_by"] == ["PHILAE/local", "PHILAE/archive"]


def test_secrets_are_made_imported_and_taken_up_again_and_never_shown(api: Api) -> None:
    first = api("GET", "/projects/Trial").json()["secret"]
    made = api("POST", "/projects/Trial/secrets", {})
    imported = api("POST", "/projects/Trial/secrets", {"secret": "00112233-4455-6677-8899-aabbccddeeff"})

    again = api("POST", f"/projects/Trial/secrets/{first}/activate")
    history = api("GET", "/projects/Trial/secrets")

    assert again.json()["fingerprint"] == first
    assert [each["fingerprint"] for each in history.json() if each["in_use"]] == [first]
    assert {each["fingerprint"] for each in history.json()} == {
        first,
        made.json()["fingerprint"],
        imported.json()["fingerprint"],
    }
    shown = "".join(each.text for each in (made, imported, again, history, api("GET", "/configuration")))
    assert PROJECT["secret"] not in shown
    assert "00112233" not in shown


def test_a_change_of_secret_is_told_by_fingerprints(api: Api, gateway: Gateway) -> None:
    before = api("GET", "/projects/Trial").json()["secret"]

    after = api("POST", "/projects/Trial/secrets", {}).json()["fingerprint"]

    ((_, event),) = gateway.audit.events(before=None, limit=1)
    assert before in event.before
    assert after in event.after


def test_a_profile_is_uploaded_downloaded_and_has_versions(api: Api) -> None:
    api("POST", "/profiles", OTHER, **YAML)
    newer = OTHER.replace('"1.0"', '"2.0"')

    uploaded = api("POST", "/profiles", newer, **YAML)

    assert uploaded.json() == {"name": "Other", "version": "2.0", "used_by": []}
    assert api("GET", "/profiles/Other").text == newer
    versions = api("GET", "/profiles/Other/versions").json()
    assert [each["version"] for each in versions] == ["2.0", "1.0"]
    assert api("DELETE", "/profiles/Other").status_code == 204
    assert api("DELETE", "/profiles/Basic").status_code == 409


def test_every_fault_of_a_profile_is_told(api: Api) -> None:
    faulty = "name: X\nprofileElements:\n- {name: a, codename: no.such}\n- {name: b, codename: neither.this}\n"

    answer = api("POST", "/profiles", faulty, **YAML)

    assert answer.status_code == 422
    assert len(answer.json()["faults"]) >= 2


def test_an_authentication_is_added_once_and_its_secret_never_shown(api: Api) -> None:
    given = {"name": "hospital", "token_url": "https://id.example.org/t", "client_id": "c", "client_secret": "kept"}

    added = api("POST", "/authentications", given)

    assert added.status_code == 201
    assert "kept" not in added.text + api("GET", "/authentications").text
    assert api("POST", "/authentications", given).status_code == 409
    assert api("DELETE", "/authentications/hospital").json() == {"used_by": []}
    assert api("DELETE", "/authentications/hospital").status_code == 404
