"""The web app in a real browser: what a person does in it, one test for each."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is missing")
pytest.importorskip("streamlit", reason="streamlit is missing: the web extra is not installed")

from bi_chat.frontends.web.words import texts

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
    module.CALM = 200
    return module


@pytest.fixture(scope="module")
def served(pictures):
    server, url = pictures.serve()
    yield url
    server.terminate()
    server.wait(10)


@pytest.fixture
def served_once(pictures):
    """Starts a server that ends with the test."""
    made = []

    def start():
        made.append(pictures.serve())
        return made[-1]

    yield start
    for server, _ in made:
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


def test_a_pinned_answer_is_found_again_after_a_restart_and_asked_further(
    pictures, browser, served_once, tmp_path, monkeypatch
):
    monkeypatch.setenv("BI_CHAT_STATE_DIR", str(tmp_path))
    server, url = served_once()
    page = pictures.charted(pictures.ask(pictures.opened(browser, url), "revenue by month this year"))
    name = "Review"
    page.locator(".st-key-pin-1 button").first.click()
    field = page.get_by_label("A new board")
    field.fill(name)
    field.press("Enter")
    page.get_by_role("button", name="Make it and pin").click()
    page.get_by_text(f"Pinned to {name}").wait_for(timeout=30_000)
    page.context.close()
    server.terminate()
    server.wait(10)
    _, url = served_once()
    again = pictures.opened(browser, url)
    again.get_by_text("Past conversations", exact=True).click()
    again.locator('[class*="st-key-past-open-"] button').filter(has_text="revenue by month").first.wait_for(
        timeout=10_000
    )
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


SLOW = (
    "SELECT count(*) AS n FROM purchase_lines a JOIN purchase_lines b ON a.net_amount < b.net_amount "
    "JOIN purchase_lines c ON b.net_amount < c.net_amount"
)


def test_a_slow_query_is_stopped_and_the_next_one_answered(pictures, browser, served):
    page = pictures.tab(pictures.ask(pictures.opened(browser, served), "revenue in 2024"), "SQL")
    page.get_by_text("Change it").click()
    field = page.get_by_label("SQL", exact=True).and_(page.locator("textarea"))
    field.fill(SLOW)
    field.blur()
    page.get_by_role("button", name="Run this SQL").click()
    page.get_by_text("Running it").wait_for(timeout=20_000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Stop").wait_for(state="detached", timeout=10_000)
    page.get_by_text("Nothing was kept of it").wait_for(timeout=10_000)
    page.locator('[data-testid="stChatInput"] textarea').fill("orders in 2024")
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-card-2 .bi-numbers", timeout=30_000)
    assert not page.get_by_text("Nothing was kept of it").count()
    assert page.locator(".bi-asked").last.inner_text() == "orders in 2024"
    assert page.locator(".bi-numbers").last.inner_text().strip()
    page.context.close()


def test_a_question_that_is_not_clear_is_asked_back_in_chinese(pictures, browser, served):
    page = pictures.opened(browser, served, locale="zh-CN")
    pictures.ask(page, "最好的客户")
    assert "你指的是哪一个" in page.locator(".st-key-card-1").inner_text()
    page.locator('[class*="st-key-choice-1-"] button').first.click()
    page.wait_for_selector(".st-key-card-2 [data-testid='stTabs']", timeout=30_000)
    pictures.settled(page)
    ours = [t for t in texts()["en"].values() if len(t) > 4 and "{" not in t and not t.isupper()]
    shown = page.locator(".stApp").inner_text()
    assert not [t for t in ours if f"\n{t}\n" in f"\n{shown}\n" and t != "English"]
    assert "图表" in shown and "下载" in shown
    page.context.close()


def test_a_dark_browser_gets_a_dark_page_and_chart(pictures, browser, served):
    page = pictures.ask(pictures.opened(browser, served, dark=True), "revenue by month in 2024")
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert ground == "rgb(15, 20, 26)"
    label = page.locator(".js-plotly-plot .ytick text").first
    assert "154, 167, 180" in label.evaluate("e => getComputedStyle(e).fill")
    page.context.close()


def test_a_chart_is_saved_and_keys_lead_through_the_page(pictures, browser, served):
    page = pictures.tab(pictures.ask(pictures.opened(browser, served), "revenue by month in 2024"), "Table")
    page.locator(".st-key-download-1 button").first.click()
    with page.expect_download(timeout=20_000) as saved:
        page.get_by_role("button", name="Chart as SVG").click()
    text = Path(saved.value.path()).read_text("utf-8")
    assert saved.value.suggested_filename == "revenue_by_month_in_2024.svg" and "Revenue" in text and "<svg" in text
    page.keyboard.press("Escape")
    pictures.settled(page)
    page.locator(".bi-headline").click()
    page.keyboard.press("/")
    page.keyboard.press("ArrowUp")
    field = page.locator('[data-testid="stChatInput"] textarea')
    assert field.input_value() == "revenue by month in 2024"
    page.keyboard.press("ArrowDown")
    assert field.input_value() == ""
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("To the question box").wait_for(timeout=10_000)
    page.context.close()


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
    page.keyboard.press("Alt+d")
    page.locator(".bi-profile li").first.wait_for(timeout=20_000)
    look("a table")
    for part in ("Joins", "Meanings"):
        page.get_by_role("radio", name=part).or_(page.get_by_role("button", name=part, exact=True)).first.click()
        pictures.settled(page)
        look(part)
    page.context.close()
