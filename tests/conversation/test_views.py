"""The views of an answer: complete, aligned, escaped, and the same truth in each."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from bi_chat.analysis.findings import find_facts
from bi_chat.charts.choose import choose_chart
from bi_chat.conversation.views import as_html, as_json, as_text, to_csv, to_xlsx
from bi_chat.language.display import width
from bi_chat.narration.issues import issue
from bi_chat.narration.tell import tell
from bi_chat.values.answer import AnswerValue, Timing
from bi_chat.values.issue import IssueCode, Suggestion
from bi_chat.values.plan import Plan
from bi_chat.values.query import ResultColumn
from bi_chat.values.question import Question
from bi_chat.values.reading import Phrase, Reading
from bi_chat.values.result import Result

EVIL = "</script><img src=x onerror=alert(1)>"
REGION = ResultColumn("region", "dimension", "Region")
REVENUE = ResultColumn("revenue", "measure", "Revenue", "USD", "currency")


def made(columns: list[ResultColumn], rows: list[tuple[object, ...]]) -> Result:
    frame = pl.DataFrame(rows, schema=[c.name for c in columns], orient="row", infer_schema_length=None)
    return Result(frame, tuple(columns))


def answered(result: Result, text: str = "revenue by region", language: str = "en") -> AnswerValue:
    facts = find_facts(result, Plan())
    return AnswerValue(
        Question(text, datetime(2025, 6, 25, 9), language),
        "answered",
        plan=Plan(),
        sql="SELECT region, sum(amount) AS revenue\nFROM orders\nWHERE note <> '<b>'",
        result=result,
        chart=choose_chart(result, Plan()),
        facts=facts,
        narrative=tell(facts, result, Plan(), language),
        restatement="Revenue by region",
        how_read=(Phrase((0, 7), "revenue", "measure", "Revenue, the sum of order amounts"),),
        assumptions=("Cancelled orders are left out.",),
        warnings=("3 orders have no region.",),
        next_questions=(Suggestion("By month", "revenue by month"),),
        confidence=0.86,
        timings=(Timing("run", 0.1), Timing("draw", 0.02)),
    )


GROUPS = made([REGION, REVENUE], [("North", 5010.5), ("South", 300.0), (EVIL, 41.0)])
PARTS = (
    "3 orders have no region.",
    "Cancelled orders are left out.",
    "Revenue, the sum of order amounts",
    "Revenue by region",
)


class Reader(HTMLParser):
    """Collects text, tags and their handlers."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def test_text_shows_the_work() -> None:
    text = as_text(answered(GROUPS), with_sql=True)
    assert text.startswith("Highest Revenue: North with $5,010.50")
    for part in (*PARTS, "SELECT region", "> revenue by month", "3 rows · confidence 86% · 0.12 s"):
        assert part in text
    assert "SELECT" not in as_text(answered(GROUPS))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_lines_up_for_wide_signs(language: str) -> None:
    rows = [("华东地区", 1234.5), ("North", 3.0), ("ａｂ", 12.25)]
    lines = as_text(answered(made([REGION, REVENUE], rows), language=language)).split("\n\n")
    table = next(block for block in lines if "─" in block).split("\n")
    assert len({width(line) for line in table}) == 1


def test_at_most_twenty_rows_and_the_rest_is_counted() -> None:
    text = as_text(answered(made([REGION, REVENUE], [(f"R{i}", float(i)) for i in range(33)])))
    assert "… and 13 more rows" in text
    assert "R19" in text and "R20 " not in text


def test_a_declined_question_says_why_and_what_to_try() -> None:
    found = issue(
        IssueCode.UNKNOWN_WORD, "en", word="turnover", known="revenue", suggestions=(Suggestion("revenue", "revenue"),)
    )
    value = AnswerValue(Question("turnover", datetime(2025, 6, 25)), "declined", issues=(found,))
    for view in (as_text(value), " ".join(read(as_html(value)).text)):
        assert "I don't know what “turnover” stands for here." in view
        assert "I know revenue." in view
        assert "Try" in view
    assert "Plotly" not in as_html(value)


def test_a_question_with_two_meanings_offers_them() -> None:
    choices = (Reading(Plan(), 0.5, label="By order date"), Reading(Plan(), 0.4, label="By ship date"))
    value = AnswerValue(Question("by date", datetime(2025, 6, 25)), "clarify", choices=choices)
    assert "  2. By ship date" in as_text(value)
    assert "By ship date" in " ".join(read(as_html(value)).text)


def test_html_shows_the_work_and_stands_alone() -> None:
    page = as_html(answered(GROUPS), include_plotlyjs=False)
    text = " ".join(read(page).text)
    for part in (*PARTS, "$5,010.50", "SELECT region"):
        assert part in text
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", page)
    assert "prefers-color-scheme: dark" in page and "@media print" in page


def test_html_writes_the_library_when_told_to() -> None:
    value = answered(GROUPS)
    assert len(as_html(value)) > 1_000_000
    assert len(as_html(value, standalone=False)) < 100_000
    assert len(as_html(value, standalone=False, include_plotlyjs=True)) > 1_000_000
    assert "<html" not in as_html(value, standalone=False)


def test_html_escapes_everything_that_people_and_data_wrote() -> None:
    value = answered(GROUPS, text=EVIL)
    evil = AnswerValue(
        value.question, "answered", value.plan, EVIL, value.result, value.chart, value.facts, value.narrative, EVIL,
        (Phrase((0, 1), EVIL, EVIL, EVIL),), (EVIL,), (EVIL,), next_questions=(Suggestion(EVIL, EVIL),),
    )  # fmt: skip
    reader = read(as_html(evil, include_plotlyjs=False))
    assert "img" not in reader.tags
    assert reader.handlers == []
    assert reader.tags.count("script") == 2


def test_cards_of_one_page_do_not_share_a_name() -> None:
    names = {
        re.search(r'id="(bi-card-\w+)"', as_html(answered(GROUPS, t), standalone=False)).group(1) for t in ("a", "b")
    }
    assert len(names) == 2


def test_json_is_stable_and_plain() -> None:
    value = answered(made([REGION, REVENUE], [("North", float("nan")), ("South", 3.0)]))
    data = json.loads(as_json(value))
    assert data["schema"] == "bi_chat.answer/1"
    assert data["question"] == {"text": "revenue by region", "language": "en", "asked_at": "2025-06-25T09:00:00"}
    assert data["result"]["rows"] == [["North", None], ["South", 3.0]]
    assert data["chart"]["x"] == "region"
    assert data["plan"] == {"is": "Plan"}
    assert set(data) == {
        "schema", "question", "status", "headline", "sentences", "text", "restatement", "how_read", "assumptions",
        "warnings", "issues", "choices", "confidence", "sql", "plan", "chart", "facts", "result", "next_questions",
        "timings", "themes",
    }  # fmt: skip
    assert json.loads(as_json(value, rows=1))["result"]["row_count"] == 2


FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\ufeff=cmd|' /C calc'!A0"]


def test_csv_can_not_be_executed_and_keeps_numbers() -> None:
    columns = [ResultColumn("=name", "attribute"), ResultColumn("n", "attribute"), ResultColumn("on", "attribute")]
    result = made(columns, [(f, -5.5, date(2025, 1, 2)) for f in FORMULAS])
    data = to_csv(result)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "'=name"
    assert [r[0] for r in rows[1:]] == [f"'{f}" for f in FORMULAS]
    assert rows[1][1:] == ["-5.5", "2025-01-02"]


def test_xlsx_keeps_types_and_writes_no_formula() -> None:
    from openpyxl import load_workbook

    columns = [
        ResultColumn("name", "attribute"), ResultColumn("share", "share", format="percent"), REVENUE,
        ResultColumn("on", "time", format="date", grain="day"), ResultColumn("long", "attribute"),
        ResultColumn("gone", "measure"),
    ]  # fmt: skip
    rows = [(f, 0.5, Decimal("12.50"), date(2025, 1, 2), 12345678901234567890, float("inf")) for f in FORMULAS[:2]]
    frame = pl.DataFrame(
        {
            "name": [r[0] for r in rows], "share": [r[1] for r in rows], "revenue": [r[2] for r in rows],
            "on": [r[3] for r in rows], "long": pl.Series([r[4] for r in rows], dtype=pl.UInt64),
            "gone": [r[5] for r in rows],
        }
    )  # fmt: skip
    sheet = load_workbook(io.BytesIO(to_xlsx(Result(frame, tuple(columns))))).active
    cells = next(sheet.iter_rows(min_row=2))
    assert cells[0].data_type == "s" and cells[0].value == "=1+1"
    assert cells[1].value == 0.5 and cells[1].number_format == "0.0%"
    assert cells[2].value == 12.5 and "$" in cells[2].number_format
    assert cells[3].value == datetime(2025, 1, 2)
    assert cells[4].value == "12345678901234567890"
    assert cells[5].value is None


def test_views_load_when_they_are_used() -> None:
    heavy = "('plotly', 'xlsxwriter', 'polars')"
    code = f"import sys, bi_chat.conversation.views; sys.exit(any(m in sys.modules for m in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    import bi_chat.conversation.views as views

    with pytest.raises(AttributeError):
        views.nothing  # noqa: B018


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_card_draws_in_a_browser_without_the_network(scheme: str, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs Chromium")
    page_file = tmp_path / "card.html"
    page_file.write_text(as_html(answered(GROUPS)), encoding="utf-8")
    asked: list[str] = []
    errors: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
        page.on("request", lambda r: asked.append(r.url))
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("dialog", lambda d: errors.append("a script of the data ran"))
        page.goto(page_file.as_uri())
        page.wait_for_selector(".chart .main-svg")
        wide = page.evaluate("document.documentElement.scrollWidth")
        ink = page.evaluate("getComputedStyle(document.querySelector('.headline')).color")
        browser.close()
    assert errors == []
    assert all(u.startswith(("file:", "data:", "blob:")) for u in asked)
    assert wide <= 390
    assert ink == {"light": "rgb(31, 41, 51)", "dark": "rgb(230, 235, 240)"}[scheme]
