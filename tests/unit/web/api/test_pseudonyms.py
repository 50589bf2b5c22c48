"""The table of pseudonyms by the REST API."""

from __future__ import annotations

from philae.web.gateway import Gateway
from tests.support.api import Api, told

TABLE = "/projects/Trial/pseudonyms"
CSV = {"content_type": "text/csv"}
ANNA = {"patient_id": "17", "pseudonym": "P-1", "last_name": "Anna"}


def test_rows_are_added_found_corrected_and_deleted(api: Api) -> None:
    assert api("POST", TABLE, ANNA).json() == {"released": 0}
    assert api("POST", TABLE, {"patient_id": "18", "pseudonym": "P-2"}).status_code == 201
    (row,) = api("GET", f"{TABLE}?last_name=nn").json()["rows"]

    corrected = api("PUT", f"{TABLE}/{row['number']}", {**ANNA, "pseudonym": "P-9"})

    assert corrected.status_code == 200
    assert [each["pseudonym"] for each in api("GET", TABLE).json()["rows"]] == ["P-9", "P-2"]
    assert api("POST", f"{TABLE}/delete", {"numbers": [row["number"], 999]}).json() == {"deleted": 1}
    assert api("DELETE", TABLE).json() == {"deleted": 1}
    assert api("PUT", f"{TABLE}/999", ANNA).status_code == 404


def test_pages_follow_each_other(api: Api) -> None:
    for number in range(3):
        api("POST", TABLE, {"patient_id": str(number), "pseudonym": f"P-{number}"})

    first = api("GET", f"{TABLE}?limit=2").json()
    second = api("GET", f"{TABLE}?limit=2&after={first['after']}").json()

    assert [each["patient_id"] for each in first["rows"] + second["rows"]] == ["0", "1", "2"]
    assert second["after"] is None


def test_a_patient_or_pseudonym_that_is_there_already_is_refused(api: Api) -> None:
    api("POST", TABLE, ANNA)

    refused = api("POST", TABLE, {**ANNA, "patient_id": "18"})

    assert refused.status_code == 409
    assert "stands for another patient" in refused.json()["faults"][0]["message"]
    assert "18" not in refused.text


def test_a_file_is_imported_as_a_whole_or_not_at_all(api: Api) -> None:
    good = "ID;Pseudonym\n17;P-1\n18;P-2\n".encode("utf-16")
    options = "separator=;&encoding=utf-16&patient_id=1&pseudonym=2&from_line=2"

    refused = api("POST", f"{TABLE}/import", "patient id,pseudonym\n17,P-1\n18,P-1\n,P-3\n", **CSV)
    assert refused.status_code == 422
    assert [each["line"] for each in refused.json()["faults"]] == [3, 4]
    assert api("GET", TABLE).json()["rows"] == []

    assert api("POST", f"{TABLE}/import?{options}", good, **CSV).json() == {"rows": 2, "released": 0}


def test_a_pseudonym_is_looked_up_as_a_whole_and_that_is_noted(api: Api, gateway: Gateway) -> None:
    api("POST", TABLE, ANNA)

    found = api("POST", "/pseudonyms/lookup", {"pseudonym": "P-1"})
    nobody = api("POST", "/pseudonyms/lookup", {"pseudonym": "p-1"})

    assert [each["patient_id"] for each in found.json()] == ["17"]
    assert nobody.json() == []
    assert [action for _, action, _ in told(gateway)][-2:] == ["pseudonyms.lookup"] * 2
    assert (
        Api(gateway, "pseudonyms", name="keeper")("POST", "/pseudonyms/lookup", {"pseudonym": "P-1"}).status_code == 403
    )


def test_an_unknown_project_has_no_table(api: Api) -> None:
    assert api("GET", "/projects/Nobody/pseudonyms").status_code == 404
    assert api("POST", "/projects/Nobody/pseudonyms", ANNA).status_code == 404
