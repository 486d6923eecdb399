"""The page in a browser: reachable for everybody, silent on the network, and no wider than the screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from detainer_ledger.reports import ReportFiles

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("DETAINER_TEST_CHROMIUM") or shutil.which("chromium")
    if path is None:
        reason = "no Chromium: install it, or name it in DETAINER_TEST_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


def test_the_page_asks_the_network_for_nothing_and_complains_of_nothing(page: Page, written: ReportFiles) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    address = written.page.resolve().as_uri()
    page.goto(address)
    assert [url for url in asked if url != address and not url.startswith("data:")] == []
    assert said == []


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_the_page_is_no_wider_than_the_screen(page: Page, written: ReportFiles, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(written.page.resolve().as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_has_no_serious_barrier(page: Page, written: ReportFiles, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 800})
    page.goto(written.page.resolve().as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in {"serious", "critical"}] == []


def test_the_first_stop_of_the_keyboard_leads_to_the_figures(page: Page, written: ReportFiles) -> None:
    page.goto(written.page.resolve().as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"


def test_one_drawing_of_each_chart_is_shown(page: Page, written: ReportFiles) -> None:
    for width, shown, hidden in ((1280, "wide", "narrow"), (375, "narrow", "wide")):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(written.page.resolve().as_uri())
        assert all(each.is_visible() for each in page.locator(f"figure .{shown} > svg").all())
        assert not any(each.is_visible() for each in page.locator(f"figure .{hidden} > svg").all())
