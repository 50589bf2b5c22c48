"""What the pages of the pictures are about, beyond what the demo brings."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import APIResponse, Page

PROFILE: Final = """\
name: Trial CT
version: "1.2"
minimumKarnakVersion: "0.9.2"
profileElements:
  - name: Keep the reconstruction parameters
    codename: action.on.privatetags
    action: K
    tags: ["(0043,xx1E)", "(0043,xx27)"]
    condition: "tagValueContains(#Tag.Manufacturer, 'GE')"
  - name: Move dates
    codename: action.on.dates
    option: shift_range
    arguments: {max_days: 365, max_seconds: 86400}
  - name: Keep short descriptions
    codename: expression.on.tags
    tags: ["(0008,1030)", "(0008,103E)"]
    arguments: {expr: "stringValue != null and stringValue.length() < 20 ? Keep() : Replace('REMOVED')"}
  - name: Clean burned-in text
    codename: clean.pixel.data
  - name: Basic Profile
    codename: basic.dicom.profile
masks:
  - stationName: "*"
    color: "000000"
    rectangles: ["0 0 160 40"]
"""
PSEUDONYMS: Final = (
    ("4711-03", "TRIAL-001", "Hollerith", "Ada"),
    ("4711-04", "TRIAL-002", "Kowalska", "Maria"),
    ("4711-09", "TRIAL-003", "Meyer", "Jonas"),
)
LOGIN: Final = {"token_url": "https://login.example.org/token", "client_id": "philae", "client_secret": "not a secret"}


def furnish(page: Page) -> None:
    """By whoever signed in on ``page``."""
    _describe(page)
    api, patients = page.request, "/api/v1/projects/Trial/pseudonyms"
    _made(api.post("/api/v1/profiles", data=PROFILE, headers={"content-type": "application/yaml"}))
    _made(
        api.post("/api/v1/profiles", data=PROFILE.replace("1.2", "1.3"), headers={"content-type": "application/yaml"})
    )
    _made(api.post("/api/v1/projects", data={"name": "Trial", "profile": "Trial CT"}))
    for patient, pseudonym, last, first in PSEUDONYMS:
        row = {"patient_id": patient, "pseudonym": pseudonym, "last_name": last, "first_name": first}
        _made(api.post(patients, data=row))
    _made(api.post("/api/v1/authentications", data={"name": "registry", **LOGIN}))
    _made(api.post("/api/v1/tokens", data={"name": "research portal", "scopes": ["status", "deliveries"], "days": 90}))
    _made(
        api.post("/api/v1/users", data={"name": "jonas", "password": "four words and more", "roles": ["investigator"]})
    )
    for title, host, group in (("ARCHIVE", "10.0.3.5", "PACS"), ("RIS", "10.0.3.9", "Worklists")):
        node = {"description": f"{group} of the hospital", "ae_title": title, "hostname": host, "port": "104"}
        _made(api.post("/tools/book/nodes", form={**node, "group": group}))
    archive = {"description": "Research archive", "url": "https://archive.example.org/dicom-web"}
    _made(api.post("/tools/book/endpoints", form={**archive, "QIDO-RS": "on", "STOW-RS": "on"}))


def _describe(page: Page) -> None:
    """Further versions of the configuration, so that there is something to look at and to go back to."""
    page.goto("/node?name=PHILAE&tab=settings")
    page.get_by_label("Description").fill("CT and MR of the radiology")
    page.get_by_label("Group").fill("Radiology")
    page.get_by_text("Advanced:").click()
    page.get_by_label("Associations at once").fill("20")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    for title, room in (("CT1", "Room 4"), ("MR1", "Room 7")):
        page.goto("/node/sources/add?name=PHILAE")
        page.get_by_label("AE title").fill(title)
        page.get_by_label("Description").fill(room)
        page.get_by_label("Host name or address").fill(f"{title.lower()}.example.org")
        page.get_by_role("button", name="Add the source").click()
        page.get_by_text("Saved.").wait_for()


def _made(answer: APIResponse) -> None:
    if not answer.ok:
        raise SystemExit(f"{answer.url}: {answer.status} {answer.text()}")
