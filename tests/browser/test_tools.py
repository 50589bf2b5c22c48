"""The DICOM tools, from the address book to what a worklist holds."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.gateway import Gateway
from tests.support.worklists import AE_TITLE, entry, worklist_server


def test_a_worklist_of_the_address_book_is_checked_and_queried(page: Page, gateway: Gateway, tmp_path: Path) -> None:
    entries = entry("Muster^Anna", "A1", date="20260106"), entry("Bianchi^Carla", "A2", "MR", date="20260105")
    with worklist_server(tmp_path / "worklist", *entries) as port:
        book = tmp_path / "nodes.csv"
        book.write_text(f"The RIS,{AE_TITLE},127.0.0.1,{port},WORKLIST,Main\nGateway,PHILAE,127.0.0.1,{gateway.port}\n")
        page.goto("/tools/book/nodes")
        page.get_by_label("Drop a CSV file here").set_input_files(book)
        page.get_by_role("button", name="Import").click()
        expect(page.get_by_text("2 entries were imported.")).to_be_visible()

        page.get_by_role("link", name="Monitor", exact=True).click()
        page.get_by_role("button", name="Check nodes").click()
        expect(page.locator("tbody .state-sent")).to_have_count(2)

        page.get_by_role("link", name="Worklist", exact=True).click()
        page.get_by_label("Select a worklist").select_option(index=1)
        expect(page.get_by_label("Host name or address")).to_have_value("127.0.0.1")
        page.get_by_role("button", name="Query worklist").click()
        expect(page.get_by_role("row", name="C-FIND")).to_contain_text("2 entries; association")
        names = page.locator("table[data-sortable] tbody td:nth-child(4)")
        expect(names).to_have_text(["Bianchi^Carla", "Muster^Anna"])
        page.get_by_role("button", name="Patient ID").click()
        expect(names).to_have_text(["Muster^Anna", "Bianchi^Carla"])
        page.get_by_text("All attributes").first.click()
        expect(page.get_by_text("Referring Physician").first).to_be_visible()


def test_a_node_is_told_apart_by_what_it_takes(page: Page, gateway: Gateway) -> None:
    page.goto("/tools")
    page.get_by_label("Called AE title").fill("PHILAE")
    page.get_by_label("Host name or address").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(gateway.port))
    page.get_by_role("button", name="Echo").click()
    expect(page.get_by_text("0000H")).to_be_visible()

    page.get_by_role("button", name="What does it take?").click()

    expect(page.get_by_role("heading", name="What PHILAE takes")).to_be_visible()
    expect(page.get_by_role("row", name="CT Image Storage")).to_contain_text("yes")
