"""Takes a picture of every page in both themes, of the demo's gateway: ``python -m tools.screenshots``.

They stand in ``docs/images`` as ``NAME-THEME.png``, with few colours so that they stay small.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tools.screenshots.furniture import furnish
from tools.screenshots.pages import VIEWS, View

IMAGES = Path(__file__).parents[2] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
PHILAE = Path(sys.executable).with_name("philae")
PASSWORD = "correct horse battery staple"
LINK = re.compile(r"http://\S+/set-up/\S+")
SIZE: ViewportSize = {"width": 1280, "height": 800}
TALLEST = 1600
COLOURS = 256
PATIENCE_S = 120.0


def main() -> int:
    """0 when every picture was taken."""
    with TemporaryDirectory() as folder, demo(Path(folder)) as link:
        shoot(link, IMAGES)
    return 0


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """A gateway with data to look at; the link by which its administrator is made."""
    output = folder / "demo.out"
    with output.open("wb") as file:
        running = subprocess.Popen(
            [PHILAE, "demo", "--keep", "--folder", str(folder / "demo")], stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield link_in(output, running)
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def link_in(output: Path, running: subprocess.Popen[bytes]) -> str:
    """The link, once the demo has printed it."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := LINK.search(output.read_text(encoding="utf-8"))) is None:
        if running.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(output.read_text(encoding="utf-8"))
        time.sleep(0.2)
    return found[0]


def shoot(link: str, folder: Path) -> None:
    """Every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    base_url = link.partition("/set-up/")[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            base_url=base_url, viewport=SIZE, locale="en-GB", timezone_id="Europe/Zurich", reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto("/sign-in")
        shoot_all(page, {"sign-in": View("/sign-in"), "set-up": View(link)}, folder)
        enter(page, link)
        furnish(page)
        shoot_all(page, VIEWS, folder)
        browser.close()


def shoot_all(page: Page, views: Mapping[str, View], folder: Path) -> None:
    """These in both themes."""
    for theme in ("light", "dark"):
        page.context.add_cookies([{"name": "philae_theme", "value": theme, "url": page.evaluate("location.origin")}])
        for name, view in views.items():
            show(page, view)
            take(page, folder / f"{name}-{theme}.png")


def enter(page: Page, link: str) -> None:
    """Be the administrator."""
    page.goto(link)
    page.get_by_label("Your name").fill("anna")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Create the administrator").click()
    page.get_by_text("Welcome.").wait_for()


def show(page: Page, view: View) -> None:
    """Open a page and do there what is done before the picture."""
    page.goto(view.path)
    if view.then is not None:
        view.then(page)
    page.wait_for_load_state("load")


def take(page: Page, file: Path) -> None:
    """The page from its top, as long as it is but no longer than `TALLEST`."""
    height = min(TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
    page.set_viewport_size({"width": SIZE["width"], "height": max(SIZE["height"], height)})
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    page.set_viewport_size(SIZE)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
