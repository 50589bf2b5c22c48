"""Monitoring: what is asked for stands in the address, and is what is shown and exported."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import add_node, deliver
from tests.support.documents import to_folder
from tests.support.gateway import Gateway
from tests.support.scans import Scan, scans

NODE = "SEARCHED"
KEPT, LEFT_OUT = "kept; for long", "CT only"


def sent(page: Page, gateway: Gateway, folder: Path) -> list[Scan]:
    """Two patients with two instances each, which one destination gets and another does not want."""
    wants_ct = "tagValueContains(#Tag.Modality, 'CT')"
    getting, choosing = to_folder(folder / "kept", KEPT), to_folder(folder / "ct", LEFT_OUT, condition=wants_ct)
    add_node(page, NODE, getting, choosing)
    sent = scans(folder / "searched", patients=2, slices=2)
    deliver(gateway, sent, NODE)
    return sent


def search(page: Page, state: str, **typed: str) -> None:
    page.get_by_label("State").select_option(state)
    for name, text in typed.items():
        page.locator(f"#{name}").fill(text)
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(f"node={NODE}.*status={state}&"))


def exported(page: Page) -> str:
    """The file that comes with semicolons and single quotes."""
    page.get_by_text("Export as CSV").click()
    page.get_by_label("Delimiter").select_option(";")
    page.get_by_label("Quote character").select_option("'")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    return download.value.path().read_text()


def test_what_the_filters_find_is_shown_and_exported_and_nothing_else(
    page: Page, gateway: Gateway, tmp_path: Path
) -> None:
    scan, other, *_ = sent(page, gateway, tmp_path)
    rows, patient = page.locator("tbody tr"), scan.slots.patient_id
    page.goto("/monitoring")
    page.get_by_label("Forward node").select_option(NODE)
    search(page, "sent", patient=patient)
    expect(rows).to_have_count(2)
    expect(page.locator("tbody .state-sent")).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Patient ID")).to_have_value(patient)

    text = exported(page)

    told = list(csv.DictReader(text.splitlines(), delimiter=";", quotechar="'"))
    assert f"'{KEPT}'" in text
    assert sorted(each["sop_instance_uid"] for each in told) == sorted([scan.uid, other.uid])
    assert {(each["node"], each["destination"], each["state"]) for each in told} == {(NODE, KEPT, "sent")}
    assert {each["patient_id"] for each in told} == {patient}
    assert patient not in {each["sent_patient_id"] for each in told}
    search(page, "sent", patient="", instance=told[0]["sent_sop_instance_uid"])
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(told[0]["sop_instance_uid"])
    search(page, "excluded", instance="", study=scan.slots.study_instance_uid)
    expect(rows).to_have_count(2)
    expect(page.locator("tbody .reason").first).to_contain_text("condition")
    page.get_by_role("link", name="Tree").click()
    expect(page.locator(".tree > .branch > summary")).to_contain_text(LEFT_OUT)
