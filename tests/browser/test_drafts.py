"""What somebody typed when the session ended: it comes back to the same person, without secrets, and to nobody else."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, sign_in

TOKEN = "a-token-that-nobody-keeps"


def new_archive(page: Page) -> None:
    """A form for a destination with an album, half filled in."""
    page.goto("/destination/new?node=PHILAE&kind=stow")
    page.locator("summary", has_text="Kheops albums").click()
    page.locator("[value='more:kheops_albums']").click()
    expect(page.locator("[name='kheops_albums.0.condition']")).to_be_visible()
    page.locator("[name=name]").fill("archive")
    page.locator("[name=url]").fill("https://archive.example.org/rs")
    page.locator("[name=token]").fill(TOKEN)
    page.locator("[name='kheops_albums.0.condition']").fill("tagValueIsPresent(#Tag.Modality, 'CT')")
    page.locator("[name=headers]").fill(f"X-Site: {TOKEN}")
    expect(
        page.get_by_text("The condition can be understood.")
    ).to_be_visible()  # nothing is asked behind one's back now


def test_a_form_comes_back_after_signing_in_again_without_its_secrets(page: Page) -> None:
    new_archive(page)
    page.context.clear_cookies()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("What you typed waits in this tab")).to_be_visible()
    assert TOKEN not in page.evaluate("JSON.stringify(sessionStorage)")

    sign_in(page)

    expect(page.get_by_text("nothing of it is saved yet")).to_be_visible()
    expect(page.locator("[name=url]")).to_have_value("https://archive.example.org/rs")
    expect(page.locator("[name='kheops_albums.0.condition']")).to_have_value("tagValueIsPresent(#Tag.Modality, 'CT')")
    expect(page.locator("[name=token]")).to_have_value("")
    expect(page.locator("[name=headers]")).to_have_value("X-Site:")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_profile_that_is_built_comes_back_with_its_elements(page: Page) -> None:
    page.goto("/profile/build")
    page.get_by_label("Name", exact=True).first.fill("Interrupted")
    page.get_by_label("New element").select_option("replace.uid")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("[data-item]")).to_have_count(2)
    page.context.clear_cookies()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("What you typed waits in this tab")).to_be_visible()

    sign_in(page)

    expect(page.get_by_role("heading", name="Interrupted")).to_be_visible()
    expect(page.locator("[data-item]")).to_have_count(2)
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_nobody_else_gets_what_was_typed(page: Page) -> None:
    page.goto("/users")
    page.get_by_label("Name", exact=True).fill("next")
    page.get_by_label("administrator", exact=True).check()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name="next")).to_be_visible()
    new_archive(page)
    page.context.clear_cookies()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("What you typed waits in this tab")).to_be_visible()

    sign_in(page, "next")

    expect(page.get_by_text("Every delivery is accounted for")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
