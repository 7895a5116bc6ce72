"""The web app in a real browser: first answer, follow-up, upload of a messy file."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is missing")
pytest.importorskip("streamlit", reason="streamlit is missing: the web extra is not installed")

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="there is no Chromium (CHROMIUM names it)"),
    pytest.mark.skipif(not (ROOT / "datasets").is_dir(), reason="the sample data lie only in a clone"),
    # playwright leaves its pipes to the collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def pictures():
    """The script that makes the pictures knows how to drive the app."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "examples" / "pictures.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["pictures"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def served(pictures):
    server, url = pictures.serve()
    yield url
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def browser(pictures):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=pictures.ARGS)
        yield made
        made.close()


def test_first_answer_and_follow_up_by_click(pictures, browser, served):
    page = pictures.opened(browser, served)
    asked_of = []
    page.on("request", lambda r: asked_of.append(r.url))
    page.locator('[class*="st-key-try-"] button').first.click()
    page.wait_for_selector(".st-key-card-1 .main-svg", timeout=30_000)
    assert page.locator(".st-key-card-1 .bi-headline").inner_text().startswith("Revenue")
    page.locator('[class*="st-key-next-1-"] button').first.click()
    page.wait_for_selector(".st-key-card-2", timeout=30_000)
    pictures.settled(page)
    top = page.locator(".bi-asked").last.bounding_box()
    assert top is not None and 0 <= top["y"] < 200, "the newest question stands at the top of the window"
    assert all(url.startswith((served, "data:", "blob:")) for url in asked_of), "nothing leaves this machine"
    page.context.close()


def test_a_chart_of_another_type_asks_nothing_again(pictures, browser, served):
    page = pictures.ask(pictures.opened(browser, served), "revenue by month in 2024")
    page.get_by_role("radio", name="Bars").or_(page.get_by_role("button", name="Bars")).first.click()
    page.wait_for_selector(".st-key-card-1 .barlayer .point", timeout=30_000)
    assert page.locator(".bi-asked").count() == 1
    page.context.close()


def test_a_messy_upload_is_read_and_asked(pictures, browser, served):
    page = pictures.uploaded(browser, served)
    said = page.locator(".st-key-card-report").inner_text()
    assert "8 rows" in said and "Doubtful" in said and "Total" in said
    pictures.ask(page, "total revenue by region")
    assert "North" in page.locator(".st-key-card-1").inner_text()
    page.context.close()


def test_phone_width_needs_no_sideways_scrolling(pictures, browser, served):
    page = pictures.ask(pictures.opened(browser, served, size=pictures.PHONE), "revenue by month in 2024")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.context.close()


def test_a_chip_is_changed_and_changed_back(pictures, browser, served):
    page = pictures.ask(pictures.opened(browser, served), "top 5 products by revenue in 2024")
    before = page.locator(".st-key-card-1 .bi-headline").inner_text()
    page.locator('[class*="st-key-chip-1-measure-0"] button').first.click()
    page.locator('[data-testid="stPopoverBody"] label').filter(has_text="Units sold").click()
    page.wait_for_selector(".st-key-card-2 .bi-headline", timeout=30_000)
    pictures.settled(page)
    assert page.locator(".bi-asked").count() == 1, "the answer takes the place of the one before"
    assert page.locator(".bi-asked").inner_text().startswith("Units sold by Product")
    assert "Units sold" in page.locator(".st-key-card-2 .bi-headline").inner_text()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(".st-key-card-1 .bi-headline", timeout=30_000)
    assert page.locator(".st-key-card-1 .bi-headline").inner_text() == before
    page.context.close()


def test_thumbs_down_offers_what_else_it_may_mean_and_a_question_is_asked_anew(pictures, browser, served):
    page = pictures.ask(pictures.opened(browser, served), "revenue by country in 2024")
    page.locator('[class*="st-key-thumbs-1"] button').nth(1).click()
    box = page.get_by_label("Tell me what a word means")
    box.fill("by takings I mean revenue")
    box.press("Enter")
    page.wait_for_selector(".st-key-card-2", timeout=30_000)
    pictures.settled(page)
    pictures.ask(page, "takings in 2024")
    assert page.locator(".st-key-card-3 .bi-numbers").inner_text().startswith("€")
    page.locator('[class*="st-key-reask-3"] button').click()
    field = page.locator(".st-key-reask-3-text textarea")
    field.fill("takings in 2023")
    field.blur()
    page.locator(".st-key-reask-3-go button").click()
    page.wait_for_selector(".st-key-card-4", timeout=30_000)
    assert page.locator(".bi-asked").last.inner_text() == "takings in 2023"
    page.context.close()


def test_a_pinned_answer_is_found_again_and_asked_further(pictures, browser, served):
    page = pictures.ask(pictures.opened(browser, served), "revenue by month this year")
    name = f"Review {id(page)}"
    page.locator(".st-key-pin-1 button").first.click()
    field = page.get_by_label("A new board")
    field.fill(name)
    field.press("Enter")
    page.get_by_role("button", name="Make it and pin").click()
    page.get_by_text(f"Pinned to {name}").wait_for(timeout=30_000)
    page.context.close()
    again = pictures.opened(browser, served)
    again.get_by_text("Boards", exact=True).click()
    again.get_by_role("button", name=name).click()
    again.wait_for_selector(".st-key-card-tile-0 .main-svg", timeout=30_000)
    assert "As of 2025-10-18" in again.locator(".bi-small").first.inner_text()
    again.locator('[class*="st-key-board-filter-period"] button').first.click()
    again.locator('[data-testid="stPopoverBody"] label').filter(has_text="last year").click()
    pictures.settled(again)
    assert "Dec 2024" in again.locator(".st-key-card-tile-0").inner_text()
    again.keyboard.press("Escape")
    again.locator(".st-key-tile-0-menu button").first.click()
    again.get_by_role("button", name="Ask further").click()
    again.wait_for_selector(".st-key-card-1 .bi-headline", timeout=30_000)
    assert again.locator(".bi-asked").inner_text() == "revenue by month this year"
    again.context.close()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_stands_in_the_way_of_a_screen_reader(pictures, browser, served, dark):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing").Axe()
    page = pictures.opened(browser, served, dark=dark)

    def look(state):
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        bad = [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")]
        assert not bad, (state, bad)

    look("start")
    pictures.ask(page, "revenue by country last quarter")
    look("answer")
    pictures.tab(page, "SQL")
    look("sql")
    page.locator('[class*="st-key-chip-1-period"] button').first.click()
    pictures.settled(page)
    look("an open chip")
    page.keyboard.press("Escape")
    pictures.ask(page, "best customers")
    look("asked back")
    page.context.close()
