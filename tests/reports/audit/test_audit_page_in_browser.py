"""The page of an audit in a browser: reachable for everybody, silent on the network, no wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from detainer_ledger.reports.audit import AuditReportFiles
from tests.reports.test_page_in_browser import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

__all__ = ["browser"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


def test_the_page_asks_the_network_for_nothing_and_complains_of_nothing(page: Page, full: AuditReportFiles) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    address = full.page.resolve().as_uri()
    page.goto(address)
    assert [url for url in asked if url != address and not url.startswith("data:")] == []
    assert said == []


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_the_page_is_no_wider_than_the_screen(page: Page, full: AuditReportFiles, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(full.page.resolve().as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("edition", ["full", "public"])
@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_has_no_serious_barrier(page: Page, edition: str, width: int, request: pytest.FixtureRequest) -> None:
    from axe_playwright_python.sync_playwright import Axe

    written: AuditReportFiles = request.getfixturevalue(edition)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(written.page.resolve().as_uri())
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in {"serious", "critical"}] == []


def test_the_warning_of_the_full_edition_stays_in_sight(page: Page, full: AuditReportFiles) -> None:
    page.goto(full.page.resolve().as_uri())
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    place = page.locator(".running").bounding_box()
    assert place is not None
    assert place["y"] == 0


def test_a_figure_leads_to_its_row(page: Page, public: AuditReportFiles) -> None:
    page.goto(public.page.resolve().as_uri())
    page.locator("#finding-1-text a.fig").first.click()
    assert page.evaluate("document.querySelector(':target').tagName") == "TR"
