"""What stopped goes on: once its cause is gone, by itself or because somebody lets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from pydicom import dcmread

from tests.browser.conftest import add, add_node, deliver
from tests.support.archives import Recorder
from tests.support.documents import PROFILE, to_dicom, to_folder
from tests.support.gateway import Gateway
from tests.support.scans import Scan, assert_deidentified, scans

CANNOT_UNDERSTAND = 0xC000
NARROW = """\
name: Narrow
version: "1.0"
profileElements:
  - {name: No names, codename: action.on.specific.tags, action: X, tags: [PatientName]}
"""


def stopped(page: Page, gateway: Gateway, node: str, folder: Path, count: int, state: str) -> list[Scan]:
    """Instances that went to this forward node and no further, as Monitoring shows them."""
    sent = scans(folder, slices=count)
    deliver(gateway, sent, node)
    page.goto(f"/monitoring?node={node}&status={state}")
    expect(page.locator(f"tbody .state-{state}")).to_have_count(count)
    return sent


def goes_on(page: Page, gateway: Gateway, node: str, count: int) -> None:
    gateway.settled()
    page.goto(f"/monitoring?node={node}")
    expect(page.locator("tbody .state-sent")).to_have_count(count)


def test_a_patient_who_gets_a_pseudonym_goes_on_by_itself(page: Page, gateway: Gateway, folder: Path) -> None:
    add(page, "projects", name="By table", profile="Basic")
    by_table: Any = {"project": "By table", "pseudonym": {"kind": "table"}}
    add_node(page, "BY_TABLE", to_folder(folder, deidentify=by_table))
    (scan,) = stopped(page, gateway, "BY_TABLE", folder.parent / "unknown", 1, "held")
    page.locator("tbody a").click()
    expect(page.get_by_text("add the patient to the project's table; the delivery goes on by itself")).to_be_visible()
    assert not folder.exists()

    page.goto("/pseudonyms")
    page.get_by_label("Project").select_option("By table")
    form = page.locator("form[action^='/pseudonyms/add']")
    form.get_by_label("Pseudonym").fill("STUDY-042")
    form.get_by_label("Patient ID", exact=True).fill(scan.slots.patient_id)
    page.get_by_role("button", name="Add patient").click()
    expect(page.get_by_text("1 delivery that waited goes on.")).to_be_visible()

    goes_on(page, gateway, "BY_TABLE", 1)
    (delivered,) = folder.rglob("*.dcm")
    assert_deidentified([delivered], [scan])
    assert dcmread(delivered).PatientName == "STUDY-042"


def test_what_a_profile_held_goes_on_once_it_is_corrected_one_or_all(
    page: Page, gateway: Gateway, folder: Path
) -> None:
    assert page.request.post("/api/v1/profiles", data=NARROW, headers={"content-type": "application/yaml"}).ok
    add(page, "projects", name="Too narrow", profile="Narrow")
    add_node(page, "NARROW", to_folder(folder, deidentify={"project": "Too narrow"}))
    held = stopped(page, gateway, "NARROW", folder.parent / "leaking", 3, "held")

    page.goto("/profile/edit?name=Narrow")
    page.get_by_label("The profile").fill(PROFILE.replace("name: Basic", "name: Narrow", 1))
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto("/monitoring?node=NARROW&status=held")
    page.locator("tbody a").first.click()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("The deliveries go on.")).to_be_visible()
    goes_on(page, gateway, "NARROW", 1)
    page.get_by_label("State").select_option("held")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("all that the filters find").check()
    page.get_by_role("button", name="Let go on").click()
    expect(page.get_by_text("The deliveries go on.")).to_be_visible()

    goes_on(page, gateway, "NARROW", 3)
    assert_deidentified(folder.rglob("*.dcm"), held)


def test_what_a_receiver_refused_is_tried_again(page: Page, gateway: Gateway, tmp_path: Path) -> None:
    with Recorder(answer=lambda _: CANNOT_UNDERSTAND, comment="no such study") as receiver:
        add_node(page, "REFUSED", to_dicom(receiver.port))
        stopped(page, gateway, "REFUSED", tmp_path / "refused", 3, "failed")
        expect(page.locator("tbody .reason").first).to_contain_text("C000H")

        receiver.answer = lambda _: 0x0000
        page.locator("tbody a").first.click()
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text("The deliveries go on.")).to_be_visible()
        goes_on(page, gateway, "REFUSED", 1)
        for box in page.locator("tbody .ticked").all():
            box.check()
        page.get_by_role("button", name="Let go on").click()
        expect(page.get_by_text("The deliveries go on.")).to_be_visible()

        goes_on(page, gateway, "REFUSED", 3)
        assert sorted(each.instance_number for each in receiver.taken) == [1, 2, 3]
