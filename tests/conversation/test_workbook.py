"""In: answers. Out of the file as another library opens it: typed cells, native formats, and nothing that runs."""

from __future__ import annotations

import io
from datetime import datetime

import polars as pl
import pytest
from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from bi_chat.conversation.views.workbook import Sheet, as_xlsx, sheet_name, workbook
from bi_chat.values.answer import AnswerValue
from bi_chat.values.query import ResultColumn
from bi_chat.values.question import Question
from bi_chat.values.result import Result
from bi_chat.wiring import Connection

NOW = datetime(2025, 10, 18)


def opened(made: bytes) -> Workbook:
    return load_workbook(io.BytesIO(made))


def test_an_answer_is_a_sheet_of_rows_and_a_sheet_on_how_it_was_read(tea: Connection) -> None:
    session = tea.session(today=NOW)
    made = session.ask("revenue and gross margin rate by month in 2024").value
    book = opened(as_xlsx(made))
    assert book.sheetnames == ["Data", "How it was read"]
    data, read = book["Data"], book["How it was read"]
    assert data.max_row == 13 and data.freeze_panes == "A2" and data["A1"].font.bold
    assert data["A2"].value == datetime(2024, 1, 1) and data["A2"].number_format == "yyyy-mm-dd"
    assert isinstance(data["B2"].value, float) and data["B2"].number_format == '"€"#,##0.00'
    assert 0 < data["C2"].value < 1 and data["C2"].number_format == "0.0%"
    told = {row[0].value: row[1].value for row in read.iter_rows() if row[0].value}
    assert "SELECT" in told["SQL"] and told["Question"].startswith("revenue and")
    assert any("as of" in str(row[1].value) for row in read.iter_rows())


def test_a_chinese_answer_has_a_chinese_book(tea: Connection) -> None:
    made = tea.session(today=NOW).ask("2024年每个国家的销售额").value
    assert opened(as_xlsx(made)).sheetnames == ["数据", "计算依据"]


def test_what_has_no_rows_still_says_why(tea: Connection) -> None:
    made = tea.session(today=NOW).ask("How much do the gremlins weigh?").value
    book = opened(as_xlsx(made))
    assert book.sheetnames == ["How it was read"]
    assert any("gremlins" in str(c.value) for row in book.active.iter_rows() for c in row)


EVIL = ["=1+1", "@SUM(A1)", "+1", "http://example.org", "{=A1}", "mailto:a@example.org", "_x000d_\x00\x1b[0m"]


def test_text_is_never_a_formula_a_link_or_a_number() -> None:
    frame = pl.DataFrame({"=name": EVIL, "n": [1.5] * len(EVIL)})
    unit = '"x";[Red]"'
    columns = (ResultColumn("=name", "dimension", label="=1+1"), ResultColumn("n", "measure", unit=unit))
    question = Question("=cmd|' /C calc'!A0", NOW)
    answer = AnswerValue(question, "answered", result=Result(frame, columns), sql="=1", restatement="=2")
    book = opened(workbook((Sheet("=evil[1]:*?/\\'", answer), Sheet("=evil[1]:*?/\\'", answer)), "en"))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert {c.data_type for c in cells} <= {"s", "n"} and not any(c.hyperlink for c in cells)
    assert [c.value for c in cells if c.data_type == "n"] == [1.5] * 2 * len(EVIL)
    assert book.sheetnames == ["=evil 1", "=evil 1 2", "How it was read"]
    assert {c.number_format for c in cells if c.data_type == "n"} == {'#,##0.00" x;[Red]"'}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("'", "1"),
        ("History", "History 1"),
        ("a" * 60, "a" * 31),
        ("销售额/地区", "销售额 地区"),
        ("how it was read", "how it was read 2"),
    ],
)
def test_names_of_sheets_are_those_that_spreadsheets_accept(title: str, name: str) -> None:
    assert sheet_name(title, {"how it was read"}) == name


def test_long_titles_that_begin_alike_stay_apart() -> None:
    taken: set[str] = set()
    made = [sheet_name("revenue by month and by country, " + tail, taken) for tail in "abc"]
    assert len({m.lower() for m in made}) == 3 and all(len(m) <= 31 for m in made)


def test_times_before_the_spreadsheets_calendar_stay_text() -> None:
    frame = pl.DataFrame({"at": [datetime(1850, 1, 2), datetime(2024, 1, 2, 3, 4)]})
    answer = AnswerValue(Question("q", NOW), "answered", result=Result(frame, (ResultColumn("at", "time"),)))
    sheet = opened(as_xlsx(answer))["Data"]
    assert [sheet["A2"].value, sheet["A3"].value] == ["1850-01-02 00:00:00", datetime(2024, 1, 2, 3, 4)]
