"""What people do with external pseudonyms on their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from philae.admin.pseudonyms import Page, Patient
from philae.admin.users import Role
from philae.web.gateway import Gateway
from philae.web.pages.uploads import LARGEST
from tests.support.documents import PROJECT, document, node, to_folder
from tests.support.web import signed_in, web_gateway

ANNA = {"pseudonym": "P-1", "patient_id": "A1", "last_name": "Muster", "first_name": "Änna", "issuer": "HUG"}
HOSTILE = "<script>alert(1)</script>"
FAULTY = "Patient ID;External Pseudonym\nA1;P-1\nA1;P-2\n;P-3\n"
GOOD = "Patient ID;External Pseudonym\nA1;P-1\nA2;P-2\n"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("web")
    with web_gateway(folder, document(node(to_folder(folder / "out")))) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def uma(gateway: Gateway) -> TestClient:
    """May do nothing but keep pseudonyms."""
    return signed_in(gateway, Role.USER, name="uma")


@pytest.fixture(autouse=True)
def _empty(gateway: Gateway) -> None:
    gateway.pseudonyms.clear(PROJECT["name"])


def table(gateway: Gateway) -> list[tuple[str, str]]:
    rows = gateway.pseudonyms.page(PROJECT["name"], Page())
    return [(each.patient.patient_id, each.patient.pseudonym) for each in rows]


def added(browser: TestClient, **fields: str) -> int:
    return browser.post("/pseudonyms/add?project=Trial", data={**ANNA, **fields}).status_code


def opened(browser: TestClient, content: str | bytes) -> str:
    """The page that shows how a file is read."""
    return browser.post("/pseudonyms/file?project=Trial", files={"file": ("p.csv", content, "text/csv")}).text


def form_of(text: str, **chosen: str) -> dict[str, str]:
    """What a browser would send of the preview."""
    values = dict(re.findall(r'<input[^>]*name="([\w-]+)" value="([^"]*)"', text))
    values |= dict(re.findall(r'type="number"[^>]*name="(from_line)" value="(\d+)"', text))
    for name, options in re.findall(r'<select[^>]*name="([\w-]+)"[^>]*>(.*?)</select>', text):
        picked = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = picked[1] if picked else ""
    return {**values, "act": "import", **chosen}


def imported(browser: TestClient, shown: str, **chosen: str) -> str:
    sent = {name: (None, value) for name, value in form_of(shown, **chosen).items()}
    return browser.post("/pseudonyms/file?project=Trial", files=sent, follow_redirects=True).text


def test_the_only_project_is_shown_at_once_and_others_are_chosen(gateway: Gateway, uma: TestClient) -> None:
    assert "Add a patient" in uma.get("/pseudonyms").text

    assert uma.get("/pseudonyms?project=Nobody").status_code == 404


def test_a_patient_is_added_found_corrected_and_deleted(gateway: Gateway, uma: TestClient) -> None:
    assert added(uma) == 303
    assert "Änna" in uma.get("/pseudonyms?last_name=MUST").text
    assert "Änna" not in uma.get("/pseudonyms?last_name=Meier").text
    (entry,) = gateway.pseudonyms.page("Trial", Page())
    form = form_of(uma.get(f"/pseudonym?project=Trial&id={entry.id}").text)

    saved = uma.post(f"/pseudonym?project=Trial&id={entry.id}", data={**form, **ANNA, "patient_id": "A2"})
    assert saved.status_code == 303
    assert table(gateway) == [("A2", "P-1")]

    uma.post("/pseudonyms/delete?project=Trial", data={"only": str(entry.id)})
    assert table(gateway) == []


def test_a_fault_stands_at_its_field_and_what_was_typed_stays(gateway: Gateway, uma: TestClient) -> None:
    added(uma)

    missing = uma.post("/pseudonyms/add?project=Trial", data={**ANNA, "patient_id": " "})
    taken = uma.post("/pseudonyms/add?project=Trial", data={**ANNA, "patient_id": "A2"})

    assert missing.status_code == taken.status_code == 422
    assert re.search(r'id="patient_id-hint">the patient id is missing', missing.text)
    assert re.search(r'id="pseudonym-hint">the pseudonym stands for another patient', taken.text)
    assert 'value="A2"' in taken.text
    assert table(gateway) == [("A1", "P-1")]


def test_two_people_who_edit_the_same_row_get_a_conflict(gateway: Gateway, uma: TestClient) -> None:
    added(uma)
    (entry,) = gateway.pseudonyms.page("Trial", Page())
    path = f"/pseudonym?project=Trial&id={entry.id}"
    form = form_of(uma.get(path).text)
    assert uma.post(path, data={**form, **ANNA, "patient_id": "A2"}).status_code == 303

    conflict = uma.post(path, data={**form, **ANNA, "patient_id": "A3"})

    assert conflict.status_code == 409
    assert table(gateway) == [("A2", "P-1")]


def test_those_that_are_ticked_are_deleted_and_all_of_a_project(gateway: Gateway, uma: TestClient) -> None:
    for number in "123":
        added(uma, patient_id=f"A{number}", pseudonym=f"P-{number}")
    first, second, _ = gateway.pseudonyms.page("Trial", Page())

    uma.post("/pseudonyms/delete?project=Trial", data={"row": [str(first.id), str(second.id)]})
    assert table(gateway) == [("A3", "P-3")]
    assert uma.post("/pseudonyms/delete?project=Trial").status_code == 422

    assert "Delete all pseudonyms of Trial?" in uma.get("/pseudonyms/clear?project=Trial").text
    uma.post("/pseudonyms/clear?project=Trial")
    assert table(gateway) == []


def test_html_in_a_row_is_shown_as_text(gateway: Gateway, uma: TestClient) -> None:
    added(uma, last_name=HOSTILE)
    (entry,) = gateway.pseudonyms.page("Trial", Page())

    pages = uma.get("/pseudonyms").text + uma.get(f"/pseudonym?project=Trial&id={entry.id}").text
    pages += opened(uma, f"Patient ID,Pseudonym\n{HOSTILE},P-7\n")

    assert HOSTILE not in pages
    assert "&lt;script&gt;" in pages


def test_a_file_with_faults_stores_nothing_and_tells_each_line(gateway: Gateway, uma: TestClient) -> None:
    answer = imported(uma, opened(uma, FAULTY))

    assert "2 rows have a fault; nothing was stored." in answer
    assert "<strong>Line 3</strong>: the patient of line 2 again" in answer
    assert "<strong>Line 4</strong>: the patient id is missing" in answer
    assert table(gateway) == []


def test_a_file_is_read_as_it_seems_to_be_written(gateway: Gateway, uma: TestClient) -> None:
    shown = opened(uma, GOOD)
    assert (form_of(shown)["separator"], form_of(shown)["from_line"]) == (";", "2")
    assert (form_of(shown)["column-1"], form_of(shown)["column-2"]) == ("patient_id", "pseudonym")

    assert "2 rows are in the table." in imported(uma, shown)

    assert table(gateway) == [("A1", "P-1"), ("A2", "P-2")]


def test_columns_separator_encoding_and_first_line_are_what_one_says(gateway: Gateway, uma: TestClient) -> None:
    shown = opened(uma, "list of today\nP-1\tMüller\tx\nP-2\tMeier\ty\n".encode("windows-1252"))
    assert form_of(shown)["encoding"] == "windows-1252"
    chosen = {"from_line": "2", "separator": "tab", "column-1": "pseudonym", "column-2": "patient_id"}

    imported(uma, shown, **chosen)

    assert table(gateway) == [("Müller", "P-1"), ("Meier", "P-2")]


@pytest.mark.parametrize(
    "chosen,words",
    [
        ({"column-2": ""}, "choose the column of the pseudonym"),
        ({"column-1": "", "column-2": ""}, "choose the column of the pseudonym and of the patient id"),
        ({"column-1": "pseudonym"}, "two columns are the pseudonym"),
        ({"separator": "no"}, "the separator must be one character"),
        ({"from_line": "0"}, "the first line is a number from 1"),
        ({"encoding": "utf-16"}, "the file is not utf-16 text"),
    ],
)
def test_a_layout_that_cannot_be_is_told_and_nothing_is_stored(
    gateway: Gateway, uma: TestClient, chosen: dict[str, str], words: str
) -> None:
    assert words in imported(uma, opened(uma, GOOD), **chosen)

    assert table(gateway) == []


@pytest.mark.parametrize("content,words", [(b"PK\x03\x04\0\0", "this is no CSV file"), (b"", "choose a CSV file")])
def test_what_is_no_csv_is_refused_by_its_content(
    gateway: Gateway, uma: TestClient, content: bytes, words: str
) -> None:
    assert words in opened(uma, content)


def test_an_upload_that_is_too_large_is_refused(uma: TestClient) -> None:
    answer = uma.post("/pseudonyms/file?project=Trial", files={"file": ("p.csv", b"x" * (LARGEST + 1))})

    assert answer.status_code == 413
    assert "8 MB" in answer.text


def test_a_pseudonym_is_looked_up_exactly_and_the_look_up_is_audited(gateway: Gateway) -> None:
    ines = signed_in(gateway, Role.INVESTIGATOR, name="ines")
    gateway.pseudonyms.add("Trial", [Patient("A1", "P-1", last_name="Muster")], None)

    assert "Muster" in ines.post("/mapping", data={"pseudonym": "P-1", "project": ""}).text
    assert "stands for nobody" in ines.post("/mapping", data={"pseudonym": "p-1", "project": "Trial"}).text

    events = [event for _, event in gateway.audit.events(before=None, limit=2)]
    assert [(each.actor, each.action, each.after) for each in events] == [
        ("user ines", "pseudonyms.lookup", "0 found"),
        ("user ines", "pseudonyms.lookup", "1 found"),
    ]
    assert "Muster" not in str(events)
