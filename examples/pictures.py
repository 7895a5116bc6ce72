"""Make the pictures of the web app and the notebook: `python examples/pictures.py [NAME …]` fills docs/pictures.

Needs Chromium (CHROMIUM names it, default /usr/bin/chromium), playwright, nbconvert for the notebook and pypdfium2 for
the reports.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "pictures"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
DRAWN = """
[...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
  .every(c => c.querySelector('.main-svg') || !c.offsetParent)
&& !document.querySelector('[data-testid="stSkeleton"], .bi-stage')
"""
CALM = 600  # milliseconds in which what moves on the page comes to rest
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TALL = {"width": 1280, "height": 1150}
MESSY = (
    "Sales report 2025;;;;\n;;;;\nDate;Region;Product;Revenue (€);Units\n03.01.2025;North;Chair;1.234,50;12\n"
    "04.01.2025;South;Table;2.450,00;7\n15.01.2025;North;Table;980,10;3\n02.02.2025;West;Chair;n/a;5\n"
    "11.02.2025;South;Lamp;310,00;\n20.02.2025;East;Lamp;199,99;4\n05.03.2025;North;Chair;1.500,00;15\n"
    "06.03.2025;North;Chair;1.100,00;11;extra\nTotal;;;7.774,59;57\n"
)


def serve() -> tuple[subprocess.Popen[bytes], str]:
    """The app on a free port of this machine; returns when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")]
    options = ["--server.port", str(port), "--server.headless", "true"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    state = os.environ.get("BI_CHAT_STATE_DIR") or tempfile.mkdtemp(prefix="bi_chat_pictures_")
    env = {**os.environ, "PYTHONPATH": path, "BI_CHAT_STATE_DIR": state}  # nobody's own conversations and boards
    made = subprocess.Popen([*command, *options], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return made, url
    made.kill()
    raise RuntimeError("The app did not start.")


def opened(
    browser: Browser, url: str, *, size: dict[str, int] = DESK, dark: bool = False, locale: str = "en-GB"
) -> Page:
    """A page of its own that shows the start page."""
    context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light", locale=locale)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector('[data-testid="stChatInput"]', timeout=60_000)
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until nothing runs and charts are drawn."""
    page.wait_for_timeout(CALM)
    page.wait_for_function("!document.querySelector('[data-testid=\"stStatusWidget\"]')", timeout=60_000)
    page.wait_for_timeout(CALM)
    page.wait_for_function(DRAWN, timeout=60_000)
    page.wait_for_timeout(CALM)


def ask(page: Page, *questions: str) -> Page:
    """Type each question and wait for its card."""
    for question in questions:
        before = page.locator(".bi-asked").count()
        page.locator('[data-testid="stChatInput"] textarea').fill(question)
        page.keyboard.press("Enter")
        page.wait_for_function(f"document.querySelectorAll('.bi-asked').length > {before}", timeout=60_000)
        settled(page)
    return page


def tab(page: Page, name: str) -> Page:
    """Open a tab of the newest card."""
    page.get_by_role("tab", name=name).last.click()
    settled(page)
    return page


def uploaded(browser: Browser, url: str) -> Page:
    """A messy file, just added."""
    page = opened(browser, url)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sales.csv"
        file.write_text(MESSY, encoding="utf-8")
        page.locator("input[type=file]").set_input_files(file)
        page.wait_for_selector(".st-key-card-report", timeout=60_000)
    settled(page)
    return page


def chip(page: Page, role: str) -> Page:
    """Open a chip of the newest card."""
    page.locator(f'[class*="-{role}-"] [data-testid="stPopoverButton"]').last.click()
    settled(page)
    return page


def picked(page: Page, at: int) -> Page:
    """Click a bar of the newest chart."""
    box = page.locator(".barlayer .point path").nth(at).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    settled(page)
    return page


def board(browser: Browser, url: str, *, size: dict[str, int] = TALL, dark: bool = False) -> Page:
    """Four answers pinned to a new board, which is then opened."""
    page = opened(browser, url, size=size, dark=dark)
    name = "Monday review"
    made = page.get_by_text("Boards", exact=True).count() > 0  # by another picture of it
    for number, question in enumerate(() if made else TILES, 1):
        ask(page, question)
        page.locator(f".st-key-pin-{number} button").first.click()
        settled(page)
        if number == 1:
            page.get_by_label("A new board").fill(name)
            page.keyboard.press("Enter")
            settled(page)
            page.get_by_role("button", name="Make it and pin").click()
        else:
            page.locator(f'[class*="st-key-pin-{number}-0"] button').click()
        settled(page)
        page.keyboard.press("Escape")
    folded = page.get_by_test_id("stExpandSidebarButton")
    if folded.is_visible():
        folded.click()
        settled(page)
    page.get_by_text("Boards", exact=True).click()
    settled(page)
    page.locator('[class*="st-key-board-open-"] button').first.click()
    settled(page)
    if size is PHONE:
        page.get_by_test_id("stSidebarCollapseButton").locator("button").click()
        settled(page)
    return page


def about(page: Page, part: str = "") -> Page:
    """The page about the data, and one of its parts."""
    page.keyboard.press("Alt+d")
    page.locator(".bi-profile li").first.wait_for(timeout=60_000)
    if part:
        page.locator(".st-key-about-part button, .st-key-about-part label").filter(has_text=part).first.click()
    settled(page)
    page.wait_for_timeout(1_000)
    return page


def menu(page: Page) -> Page:
    """The files of the newest answer."""
    page.locator('[class*="st-key-download-"] button').last.click()
    settled(page)
    return page


def charted(page: Page) -> Page:
    """Wait for the newest chart, however busy the machine is."""
    page.locator('[class*="st-key-card-"] .main-svg').last.wait_for(timeout=60_000)
    settled(page)
    return page


def shortcuts(page: Page) -> Page:
    """The list of keys."""
    page.keyboard.press("?")
    settled(page)
    return page


def notebook(browser: Browser) -> Page:
    """The example notebook, run and exported as a page."""
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    made = nbformat.read(ROOT / "examples" / "ask.ipynb", 4)
    NotebookClient(made, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    body, _ = HTMLExporter().from_notebook_node(made)
    page = browser.new_context(viewport={"width": 1000, "height": 1900}).new_page()
    page.route("https://**", lambda route: route.abort())
    with tempfile.NamedTemporaryFile("w", suffix=".html", delete=False, encoding="utf-8") as file:
        file.write(body)
    page.goto(Path(file.name).as_uri())
    page.wait_for_timeout(2_500)
    Path(file.name).unlink()
    return page


YEAR = "Show revenue by month for this year"
GROUPS = "Which five products sold the most packs in 2024?"
TILES = (
    "revenue by month this year",
    "revenue by country last quarter",
    "revenue last month compared with the year before",
    "forecast revenue for the next 5 months",
)
REPORTS = {"report": "weekly-sales", "report-chinese": "market-weekly"}
PICTURES: dict[str, Callable[[Browser, str], Page]] = {
    "start": opened,
    "answer": lambda b, u: charted(ask(opened(b, u), YEAR)),
    "follow-up": lambda b, u: charted(ask(opened(b, u), YEAR, "by product group")),
    "chip": lambda b, u: chip(ask(opened(b, u), "top 5 products by revenue in 2024"), "period"),
    "picked": lambda b, u: picked(ask(opened(b, u), "revenue by country in 2024"), 1),
    "board": board,
    "board-dark": lambda b, u: board(b, u, dark=True),
    "board-phone": lambda b, u: board(b, u, size=PHONE),
    "number": lambda b, u: ask(opened(b, u), "What was our revenue in 2024?"),
    "table": lambda b, u: tab(ask(opened(b, u), GROUPS), "Table"),
    "sql": lambda b, u: tab(ask(opened(b, u), GROUPS), "SQL"),
    "sources": lambda b, u: tab(ask(opened(b, u), GROUPS), "Sources"),
    "download": lambda b, u: menu(ask(opened(b, u), YEAR)),
    "data": lambda b, u: about(opened(b, u)),
    "data-joins": lambda b, u: about(opened(b, u), "Joins"),
    "data-meanings": lambda b, u: about(opened(b, u, size=TALL), "Meanings"),
    "data-chinese": lambda b, u: about(opened(b, u, size=TALL, locale="zh-CN"), "含义"),
    "data-dark": lambda b, u: about(opened(b, u, dark=True), "Joins"),
    "data-phone": lambda b, u: about(opened(b, u, size=PHONE)),
    "keys": lambda b, u: shortcuts(opened(b, u)),
    "declined": lambda b, u: ask(opened(b, u), "How much do the gremlins weigh?"),
    "clarify": lambda b, u: ask(opened(b, u), "best customers"),
    "why": lambda b, u: charted(ask(opened(b, u), "Why did refunds go up in November 2024?")),
    "forecast": lambda b, u: charted(ask(opened(b, u), "forecast monthly revenue for the next 6 months")),
    "chinese": lambda b, u: charted(ask(opened(b, u, locale="zh-CN"), "今年每个月的订单数")),
    "chinese-start": lambda b, u: opened(b, u, locale="zh-CN"),
    "dark": lambda b, u: charted(ask(opened(b, u, dark=True), YEAR)),
    "dark-start": lambda b, u: opened(b, u, dark=True),
    "phone": lambda b, u: charted(ask(opened(b, u, size=PHONE), YEAR)),
    "phone-start": lambda b, u: opened(b, u, size=PHONE),
    "upload": uploaded,
    "upload-answer": lambda b, u: charted(ask(uploaded(b, u), "total revenue by region")),
    "notebook": lambda b, _: notebook(b),
}


def report(name: str) -> None:
    """The first two pages of an example report, side by side."""
    import pypdfium2

    with tempfile.TemporaryDirectory() as folder:
        file = ROOT / "examples" / "reports" / f"{REPORTS[name]}.yaml"
        command = [sys.executable, "-m", "bi_chat", "report", "run", str(file), "--format", "pdf", "--output", folder]
        subprocess.run(command, cwd=ROOT, check=True)
        (made,) = Path(folder).iterdir()
        document = pypdfium2.PdfDocument(made.read_bytes())
    pages = [document[n].render(scale=1.2).to_pil() for n in range(2)]
    document.close()
    whole = Image.new("RGB", (pages[0].width * 2 + 12, pages[0].height), "#b8c0c8")
    for n, page in enumerate(pages):
        whole.paste(page, (n * (page.width + 12), 0))
    whole.save(TARGET / f"{name}.png")
    few_colours(TARGET / f"{name}.png")


def save(page: Page, name: str) -> None:
    """What the page shows."""
    TARGET.mkdir(parents=True, exist_ok=True)
    file = TARGET / f"{name}.png"
    page.screenshot(path=file)
    few_colours(file)


def few_colours(file: Path) -> None:
    """Small enough to keep in the repository."""
    Image.open(file).convert("RGB").quantize(128, method=Image.Quantize.MEDIANCUT).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1024:.0f} KB")


def main(names: list[str]) -> None:
    """Make those of the names, or all."""
    for name in REPORTS:
        if not names or name in names:
            report(name)
    if names and set(names) <= set(REPORTS):
        return
    server, url = serve()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS)
            for name in (n for n in names or PICTURES if n not in REPORTS):
                page = PICTURES[name](browser, url)
                save(page, name)
                page.context.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main(sys.argv[1:])
