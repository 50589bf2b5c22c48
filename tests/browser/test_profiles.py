"""Profiles as people make them: built, drawn, tried on a file, dropped."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Dialog, Page, expect

from tests.support.documents import PROFILE
from tests.support.scans import scans

FAULTY = """\
name: Imported
version: "1.0"
profileElements:
  - name: fine
    codename: basic.dicom.profile
  - name: No birth date
    codename: action.on.specific.tags
    tags: [BirthDayte]
    action: Q
  - name: unheard of
    codename: action.on.everything
"""


def drop(page: Page, text: str) -> None:
    """A file that holds ``text``, where the page takes one."""
    carried = page.evaluate_handle(
        "text => { const all = new DataTransfer(); all.items.add(new File([text], 'profile.yml')); return all; }", text
    )
    page.locator("[data-drop]").dispatch_event("drop", {"dataTransfer": carried})


def test_a_profile_is_built_with_a_mask_that_was_drawn_and_tried_on_a_file(page: Page, tmp_path: Path) -> None:
    image = scans(tmp_path / "sample", size=256)[0]
    page.goto("/profile/build")
    page.get_by_label("Name", exact=True).first.fill("Drawn")
    page.get_by_label("New element").select_option("clean.pixel.data")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[data-item]")).to_have_count(2)

    page.get_by_label("Drop an image (DICOM) here to draw on it, or choose one").set_input_files(image.path)
    page.get_by_role("button", name="Show it").click()
    page.get_by_role("button", name="New mask").click()
    drawing = page.locator(".canvas svg")
    rectangles = page.get_by_label("Rectangles that are masked")
    expect(rectangles).to_be_visible()
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 80, steps=3)
    page.mouse.up()

    expect(rectangles).not_to_have_value("")
    drawn = rectangles.input_value()
    assert [int(number) for number in drawn.split()] == pytest.approx([20, 30, 100, 50], abs=1)
    expect(page.locator("#written pre")).to_contain_text(f"- {drawn}")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.get_by_role("link", name="Before and after").click()
    page.get_by_label("Drop a DICOM file here, or choose one").set_input_files(image.path)
    page.get_by_role("button", name="Show before and after").click()
    expect(page.get_by_role("img", name="The image before and after")).to_be_visible()
    expect(page.locator(".row-kept").first).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Changed only").check()
    expect(page.locator(".row-kept").first).to_be_hidden()
    expect(page.locator(".row-changed", has_text="PatientID")).to_be_visible()


def test_elements_are_moved_by_dragging_and_faults_stand_at_their_fields_while_one_types(page: Page) -> None:
    page.goto("/profile/build")
    page.get_by_label("New element").select_option("action.on.specific.tags")
    page.get_by_role("button", name="Add", exact=True).click()
    tags = page.get_by_label("Tags", exact=True)
    tags.fill("(0010,00")
    expect(page.locator("#profileElements\\.0\\.tags + .invalid-feedback")).to_contain_text("is no tag")

    tags.fill("")
    page.get_by_label("Keyword, name or number").fill("birth date")
    tags.click()
    page.locator("[data-add-tag='(0010,0030)']").click()
    expect(tags).to_have_value("(0010,0030)")

    page.locator("summary", has_text="Edit").first.click()
    grip, other = page.locator(".grip").first.bounding_box(), page.locator("[data-item]").nth(1).bounding_box()
    assert grip is not None
    assert other is not None
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(other["x"] + 60, other["y"] + 20, steps=4)
    page.mouse.up()
    expect(page.locator(".item-title strong").first).to_have_text("Basic DICOM confidentiality profile")
    expect(page.locator("#written pre")).to_contain_text("codename: basic.dicom.profile\n- name: Act on tags")

    questions: list[str] = []

    def leave(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", name="Profiles")).to_be_visible()
    assert questions == ["beforeunload"]


def test_a_condition_is_checked_while_it_is_written_and_tried_on_a_file(page: Page, tmp_path: Path) -> None:
    image = scans(tmp_path / "sample")[0]
    page.goto("/destination/new?node=PHILAE&kind=stow")
    condition = page.get_by_label("Condition", exact=True)

    condition.fill("tagValueContans(#Tag.Modality, 'MR')")
    expect(page.locator("#condition-said")).to_contain_text("did you mean tagValueContains()?")
    condition.fill("tagValueContains(#Tag.Modality, 'MR')")
    expect(page.locator("#condition-said")).to_contain_text("can be understood")

    page.get_by_text("Try it on a file").click()
    page.get_by_label("Drop a DICOM file here, or choose one").set_input_files(image.path)
    page.get_by_role("button", name="Try it", exact=True).click()
    expect(page.locator("#condition-said")).to_contain_text("it would be sent")

    page.get_by_text("Find SOP classes").click()
    page.get_by_label("Name or UID").fill("enhanced mr")
    page.get_by_role("button", name="Add Enhanced MR Image Storage").click()
    expect(page.get_by_label("SOP classes", exact=True)).to_have_value("Enhanced MR Image Storage")
    page.locator("summary", has_text="Kheops albums").click()
    page.get_by_role("button", name="One more").click()
    expect(page.get_by_label("SOP classes", exact=True)).to_have_value("Enhanced MR Image Storage")

    album, said = page.get_by_role("group", name="Kheops albums"), page.locator("[id='kheops_albums.0.condition-said']")
    page.locator("[name='kheops_albums.0.condition']").fill("tagValueContains(#Tag.Modality, 'CT')")
    expect(said).to_contain_text("can be understood")
    album.get_by_text("Try it on a file").click()
    album.get_by_label("Drop a DICOM file here, or choose one").set_input_files(image.path)
    album.get_by_role("button", name="Try it", exact=True).click()
    expect(said).to_contain_text("would not be shared")


def test_a_file_with_faults_is_told_each_of_them_then_one_without_is_in_the_list(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "profile.yml"
    file.write_text(FAULTY)
    page.goto("/profiles")
    page.get_by_label("Drop a profile (YAML) here").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Nothing was changed. Please correct:")).to_be_visible()
    parts = page.locator("section", has_text="Element by element").locator(".list-group-item")
    expect(parts).to_have_count(3)
    expect(parts.nth(0)).to_contain_text("in order")
    expect(parts.nth(1).locator(".faults li")).to_contain_text(["Line 8: tags[0]", "Line 9: action"])
    expect(parts.nth(2).locator(".faults li")).to_contain_text(["Line 11: codename"])
    expect(page.get_by_label("The profile")).to_have_value(FAULTY)

    page.goto("/profiles")
    expect(page.get_by_role("row", name="Imported")).to_have_count(0)
    drop(page, PROFILE.replace("Basic", "Imported", 1).replace("1.0", "7.3"))

    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto("/profiles")
    expect(page.get_by_role("row", name="Imported")).to_contain_text("7.3")
