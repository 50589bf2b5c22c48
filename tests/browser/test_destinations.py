"""Destinations of each kind, from their forms to what arrives there."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import add_node, deliver
from tests.support.archives import DICOM_WEB, Orthanc, Storescp
from tests.support.buckets import bucket
from tests.support.gateway import Gateway
from tests.support.scans import Scan, assert_deidentified, scans
from tests.support.sshd import Sshd


def open_form(page: Page, ae_title: str, kind: str) -> None:
    """That of a destination of this kind, at a new forward node."""
    add_node(page, ae_title)
    page.goto(f"/node?name={ae_title}")
    page.get_by_role("link", name="New destination").click()
    page.get_by_role("link", name=kind, exact=True).click()
    expect(page.get_by_role("heading", name=f"New destination · {kind}")).to_be_visible()
    page.get_by_role("group", name="De-identification").get_by_label("Project").select_option("Trial")


def fill(page: Page, **settings: object) -> None:
    """The controls of these names: those of the settings in a document."""
    for name, value in settings.items():
        page.locator(f"[name={name}]").fill(str(value))


def create(page: Page) -> None:
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Created.")).to_be_visible()
    page.wait_for_load_state()


def sent_to(page: Page, gateway: Gateway, ae_title: str, folder: Path, state: str = "sent") -> list[Scan]:
    """Two instances that went to this forward node, and are in this state as Monitoring shows them."""
    sent = scans(folder, slices=2)
    deliver(gateway, sent, ae_title)
    page.goto(f"/monitoring?node={ae_title}")
    expect(page.locator(f"tbody .state-{state}")).to_have_count(len(sent))
    return sent


def test_a_dicom_receiver_is_named_correctly_at_last_tested_and_sent_to(
    page: Page, gateway: Gateway, tmp_path: Path
) -> None:
    with Storescp(tmp_path / "received") as receiver:
        open_form(page, "TO_DICOM", "DICOM")
        fill(page, name="archive", ae_title="ARCHIVE", hostname="127.0.0.1", port=99999)
        page.get_by_role("button", name="Create").click()
        expect(page.locator("#port:invalid")).to_be_focused()
        fill(page, port=receiver.port, ae_title="ARCHIVE\\2")
        page.get_by_role("button", name="Create").click()
        expect(page.locator("#ae_title-hint.invalid-feedback")).to_be_visible()
        expect(page.locator("#port")).to_have_value(str(receiver.port))
        fill(page, ae_title="ARCHIVE")
        create(page)

        page.get_by_role("button", name="Test").click()
        expect(page.locator("#findings").get_by_role("row", name=re.compile("C-ECHO"))).to_contain_text("in order")
        sent = sent_to(page, gateway, "TO_DICOM", tmp_path / "by-dicom")

        assert_deidentified(receiver.files(), sent)


def test_an_archive_is_sent_to_by_stow_once_its_url_is_one(page: Page, gateway: Gateway, tmp_path: Path) -> None:
    with Orthanc(tmp_path / "orthanc", plugins=(DICOM_WEB,)) as archive:
        open_form(page, "TO_STOW", "DICOMweb (STOW-RS)")
        fill(page, name="archive", description="of <the> trial", url=archive.dicom_web_url.removeprefix("http://"))
        page.get_by_role("button", name="Create").click()
        expect(page.locator("#url-hint.invalid-feedback")).to_contain_text("http")
        expect(page.locator("#description")).to_have_value("of <the> trial")
        fill(page, url=archive.dicom_web_url)
        create(page)

        sent = sent_to(page, gateway, "TO_STOW", tmp_path / "by-stow")

        assert_deidentified(archive.fetch(tmp_path / "fetched"), sent)


def test_files_go_to_an_sftp_server_that_proved_who_it_is(page: Page, gateway: Gateway, tmp_path: Path) -> None:
    with Sshd(tmp_path / "sshd") as server:
        settings = server.settings(tmp_path / "uploaded")
        open_form(page, "TO_SFTP", "SFTP")
        fill(page, name="store", **{**settings, "host_key": "what is this"})
        page.get_by_role("button", name="Create").click()
        expect(page.locator("#host_key-hint.invalid-feedback")).to_contain_text("ssh-keyscan")
        fill(page, host_key=settings["host_key"])
        create(page)

        sent = sent_to(page, gateway, "TO_SFTP", tmp_path / "by-sftp")

        assert_deidentified((tmp_path / "uploaded").rglob("*.dcm"), sent)


def test_objects_go_into_a_bucket_and_its_secret_is_not_shown(page: Page, gateway: Gateway, tmp_path: Path) -> None:
    with bucket() as server:
        settings = server.settings(prefix="trial")
        open_form(page, "TO_S3", "S3")
        fill(page, name="bucket", **{**settings, "secret_access_key": ""})
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_text("access_key_id and secret_access_key belong together")).to_be_visible()
        fill(page, secret_access_key=settings["secret_access_key"])
        create(page)
        expect(page.locator("dt:text-is('Secret access key') + dd")).to_have_text("stored")

        sent = sent_to(page, gateway, "TO_S3", tmp_path / "by-s3")

        stored = server.objects()
    assert all(key.startswith("trial/") for key in stored)
    files = [tmp_path / f"{number}.dcm" for number in range(len(stored))]
    for file, content in zip(files, stored.values(), strict=True):
        file.write_bytes(content)
    assert_deidentified(files, sent)


def test_what_is_only_reported_goes_nowhere_and_is_switched_off_and_on(
    page: Page, gateway: Gateway, tmp_path: Path
) -> None:
    open_form(page, "TO_NOBODY", "Report only")
    fill(page, name="rehearsal")
    create(page)
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("Disabled. What waits for it is kept.")).to_be_visible()
    expect(page.locator("h1 .state")).to_have_text("disabled")
    page.get_by_role("button", name="Enable").click()
    expect(page.locator("h1 .state")).to_have_text("enabled")

    sent_to(page, gateway, "TO_NOBODY", tmp_path / "by-nobody", "simulated")

    expect(page.locator("tbody .reason").first).to_contain_text("bytes would have been sent")
