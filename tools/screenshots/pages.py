"""The pages that there are pictures of."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from playwright.sync_api import FilePayload

from philae.demo import write_study
from tools.screenshots.furniture import PSEUDONYMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


class View(NamedTuple):
    """An address, and what somebody does there before the picture is taken."""

    path: str
    then: Callable[[Page], object] | None = None


def open_the_first(page: Page) -> None:
    """Of the deliveries."""
    page.locator(".deliveries tbody a").first.click()


def examine(page: Page) -> None:
    """Every step of the test of a destination, with what it found."""
    page.get_by_role("button", name="Test").click()
    page.get_by_role("heading", name="What the test found").wait_for()
    page.locator("#findings tbody tr").last.wait_for()


def try_a_file(page: Page) -> None:
    """One of the demo's images as it came and as it would leave."""
    with TemporaryDirectory() as folder:
        page.get_by_label("Drop a DICOM file here").set_input_files(write_study(Path(folder))[-1])
        page.get_by_label("Project").select_option("Trial")
        page.get_by_role("button", name="Show before and after").click()
        page.get_by_role("heading", name="Header").wait_for()


def look_somebody_up(page: Page) -> None:
    """Whom a pseudonym stands for."""
    patient_id, pseudonym, *_ = PSEUDONYMS[0]
    page.get_by_label("Pseudonym", exact=True).fill(pseudonym)
    page.get_by_role("button", name="Find").click()
    page.get_by_text(patient_id).wait_for()


def choose_a_table(page: Page) -> None:
    """A CSV file of patients, as it will be read."""
    rows = "".join(f"{patient},{pseudonym}-B\n" for patient, pseudonym, *_ in PSEUDONYMS)
    table = FilePayload(name="table.csv", mimeType="text/csv", buffer=f"Patient ID,Pseudonym\n{rows}".encode())
    page.get_by_label("Drop a CSV file here").set_input_files(table)
    page.get_by_role("button", name="Open CSV").click()
    page.get_by_role("button", name="Upload CSV").wait_for()


def compare(page: Page) -> None:
    """A document with a change, before it is applied."""
    text = page.get_by_label("The document")
    text.fill(text.input_value().replace("MR of the radiology", "MR of the whole hospital"))
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("button", name="Apply it").wait_for()


VIEWS: Final = {
    "home": View("/"),
    "monitoring": View("/monitoring"),
    "monitoring-tree": View("/monitoring?view=tree"),
    "monitoring-stopped": View("/monitoring?status=error"),
    "monitoring-charts": View("/monitoring?view=charts"),
    "delivery": View("/monitoring?status=sent", open_the_first),
    "nodes": View("/nodes"),
    "node": View("/node?name=PHILAE"),
    "node-new": View("/node/new"),
    "node-sources": View("/node?name=PHILAE&tab=sources"),
    "node-delete": View("/node/delete?name=PHILAE"),
    "node-settings": View("/node?name=PHILAE&tab=settings"),
    "source-new": View("/node/sources/add?name=PHILAE"),
    "source-form": View("/node/sources/edit?name=PHILAE&source=CT1"),
    "destination": View("/destination?id=1", examine),
    "destination-kinds": View("/destination/new?node=PHILAE"),
    "destination-edit": View("/destination/edit?id=1"),
    "destination-delete": View("/destination/delete?id=1"),
    "condition": View("/destination/condition?condition=tagIsPresent(%23Tag.StudyDate)%20and"),
    "sop-classes": View("/destination/sop-classes?q=ct"),
    "destination-form": View("/destination/new?node=PHILAE&kind=stow"),
    "profiles": View("/profiles"),
    "profile": View("/profile?name=Trial%20CT"),
    "profile-new": View("/profile/new"),
    "profile-tags": View("/profile/tags?q=patient"),
    "profile-builder": View("/profile/build?name=Trial%20CT"),
    "profile-form": View("/profile/edit?name=Trial%20CT"),
    "profile-history": View("/profile/history?name=Trial%20CT"),
    "before-after": View("/profile/try", try_a_file),
    "projects": View("/projects"),
    "project": View("/project?name=Trial"),
    "project-new": View("/project/new"),
    "project-form": View("/project/edit?name=Trial"),
    "pseudonyms": View("/pseudonyms?project=Trial"),
    "pseudonyms-file": View("/pseudonyms?project=Trial", choose_a_table),
    "pseudonyms-clear": View("/pseudonyms/clear?project=Trial"),
    "pseudonym": View("/pseudonym?project=Trial&id=1"),
    "mapping": View("/mapping", look_somebody_up),
    "authentications": View("/authentications"),
    "authentication-form": View("/authentication/new"),
    "authentication-delete": View("/authentication/delete?name=registry"),
    "tools": View("/tools"),
    "tools-worklist": View("/tools/worklist"),
    "tools-dicomweb": View("/tools/dicomweb"),
    "tools-monitor": View("/tools/monitor"),
    "tools-nodes": View("/tools/book/nodes"),
    "tools-node": View("/tools/book/nodes/1"),
    "tools-endpoints": View("/tools/book/endpoints"),
    "users": View("/users"),
    "user": View("/user?name=anna"),
    "tokens": View("/tokens"),
    "audit": View("/audit"),
    "configuration": View("/configuration"),
    "configuration-compared": View("/configuration", compare),
    "configuration-history": View("/configuration/history"),
    "version": View("/configuration/version?number=1"),
    "system": View("/system"),
    "help": View("/help"),
    "first-steps": View("/first-steps"),
    "first-image": View("/first-steps/image?node=PHILAE"),
    "problem": View("/nowhere"),
    "account": View("/account"),
}
"""By the name of the picture."""
