"""External pseudonyms, from a file with faults to a patient who is found again."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.gateway import Gateway
from tests.support.scans import scans
from tests.support.senders import send


def table(patient_id: str, other_patient_id: str) -> str:
    first = f"Export of today;;\nPatient ID;External Pseudonym;Last name\n{patient_id};STUDY-1;Muster\n"
    return f"{first}{other_patient_id};STUDY-2;Meier\n"


def test_a_file_with_faults_then_without_lets_the_held_patient_go(page: Page, gateway: Gateway, tmp_path: Path) -> None:
    (scan,) = scans(tmp_path / "external")
    send(gateway.port, [scan.path], "HOLDING")
    gateway.settled()
    file = tmp_path / "pseudonyms.csv"

    page.goto("/pseudonyms?project=Trial")
    file.write_text(table(scan.slots.patient_id, ""))
    page.get_by_label("Drop a CSV file here").set_input_files(file)
    page.get_by_role("button", name="Open CSV").click()
    expect(page.get_by_label("Separator")).to_have_value(";")
    expect(page.get_by_label("From line")).to_have_value("3")
    expect(page.get_by_label("Column 2")).to_have_value("pseudonym")
    page.get_by_role("button", name="Upload CSV").click()
    expect(page.get_by_text("1 row has a fault; nothing was stored.")).to_be_visible()
    expect(page.locator("tr.faulty").get_by_text("the patient id is missing")).to_be_visible()

    file.write_text(table(scan.slots.patient_id, "A2"))
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_text("No pseudonym yet")).to_be_visible()
    page.get_by_label("Drop a CSV file here").set_input_files(file)
    page.get_by_role("button", name="Open CSV").click()
    page.get_by_role("button", name="Upload CSV").click()

    expect(page.get_by_text("2 rows are in the table.")).to_be_visible()
    expect(page.get_by_text("1 delivery that waited goes on.")).to_be_visible()
    gateway.settled()


def test_a_row_is_added_found_by_its_pseudonym_and_deleted(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/pseudonyms?project=Trial")
    form = page.locator("form[action^='/pseudonyms/add']")
    form.get_by_label("Pseudonym").fill("Journey-7")
    form.get_by_label("Patient ID", exact=True).fill("HOSP-7")
    form.get_by_label("Last name").fill("Bianchi")
    page.get_by_role("button", name="Add patient").click()
    expect(page.get_by_text("1 row is in the table.")).to_be_visible()

    page.goto("/mapping")
    page.get_by_label("Pseudonym").fill("journey-7")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("This pseudonym stands for nobody here")).to_be_visible()
    page.get_by_label("Pseudonym").fill("Journey-7")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("Bianchi")).to_be_visible()

    page.goto("/pseudonyms?project=Trial&pseudonym=Journey")
    page.get_by_label("Choose Journey-7").check()
    page.get_by_role("button", name="Delete those that are ticked").click()
    expect(page.get_by_text("Deleted.")).to_be_visible()
    expect(page.get_by_text("Journey-7")).to_have_count(0)


def test_an_authentication_comes_and_goes_and_its_secret_is_not_shown(page: Page) -> None:
    page.goto("/authentications")
    page.get_by_role("link", name="New authentication").first.click()
    page.get_by_label("Name", exact=True).fill("registry")
    page.get_by_label("Token URL").fill("https://login.example.org/token")
    page.get_by_label("Client ID").fill("philae")
    page.get_by_label("Client secret").fill("well kept")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="registry")).to_be_visible()
    expect(page.get_by_text("kept, not shown")).to_be_visible()
    assert "well kept" not in page.content()

    page.get_by_role("link", name="Delete registry").click()
    expect(page.get_by_text("Nothing uses it.")).to_be_visible()
    page.get_by_role("button", name="Delete").click()

    expect(page.get_by_text("No authentication yet")).to_be_visible()
