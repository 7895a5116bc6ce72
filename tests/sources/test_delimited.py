"""Delimited text of every style: the right rows, types and sums, or a message that names what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bi_chat.sources.check import check_file
from bi_chat.sources.report import SourceReport
from bi_chat.sources.stage import Choices


@dataclass(frozen=True)
class Case:
    title: str
    content: str | bytes
    outcome: str = "load"
    rows: int | None = None
    types: tuple[str, ...] | None = None
    columns: tuple[str, ...] | None = None
    says: tuple[str, ...] = ()
    nulls: tuple[int, ...] | None = None


CASES = (
    Case(
        "a plain file",
        "day,shop,sales\n2024-05-01,A,1.5\n2024-05-02,B,2\n",
        rows=2,
        types=("DATE", "VARCHAR", "DOUBLE"),
    ),
    Case("bars and no last line end", "a|b\n1|x\n2|y", rows=2, types=("BIGINT", "VARCHAR")),
    Case("a sep= line", "sep=;\na;b\n1;2\n", rows=1, columns=("a", "b")),
    Case("blanks after the delimiter", "a, b, c\n1, x, 2\n2, y, 3\n", types=("BIGINT", "VARCHAR", "BIGINT")),
    Case("one column of sentences with commas", "note\nhello, world\nfoo\nbar, baz, q\n", rows=3, types=("VARCHAR",)),
    Case("one column of money with commas", "p\n£1,200.50\n£3\n-£4\n", rows=3, types=("DOUBLE",)),
    Case("carriage returns only, also inside a cell", 'a,b\r"x\ry",1\rz,2\r', rows=2, types=("VARCHAR", "BIGINT")),
    Case(
        "lines above the header", "Report\nMade 2024\n\nregion,amount\nN,1\nS,2\n", rows=2, columns=("region", "amount")
    ),
    Case("years as column names", "Region,2023,2024\nN,10,20\nS,30,40\n", columns=("Region", "2023", "2024"), rows=2),
    Case("no header", "1,a,2.5\n2,b,3.5\n3,c,4.5\n", "load_with_warning", rows=3, says=("column_1",)),
    Case("a delimiter at each line end", "a,b,\n1,2,\n3,4,\n", columns=("a", "b"), rows=2),
    Case("delimiters at line ends, none after the header", "a,b\n1,2,\n3,4,\n", columns=("a", "b"), rows=2),
    Case("a short row", "a,b,c\n1,2,3\n4,5\n6,7,8\n", "load_with_warning", rows=3, says=("line 3",), nulls=(0, 0, 1)),
    Case("a long row", "a;b;c\n1;2;3\n1;2;3;4\n", "load_with_warning", rows=2, says=("line 3", '"4"')),
    Case(
        "an unquoted delimiter moves the fields",
        "id,name,amount\n1,a,10\n2,Smith, John,20\n3,c,30\n",
        "load_with_warning",
        rows=2,
        says=("left out", "line 3"),
    ),
    Case(
        "a quote that never closes",
        'id,note\n1,a\n2,"open\n3,b\n',
        "load_with_warning",
        rows=3,
        says=("line 3", "quote"),
    ),
    Case(
        "two stray quotes swallow rows",
        'id,t,x\n1,"open,2\n2,b,3\n3,"c,4\n4,d,5\n',
        "load_with_warning",
        says=("line 2",),
    ),
    Case("backslash escapes", 'a,b\n"say \\"hi\\"",1\nz,2\n', rows=2, types=("VARCHAR", "BIGINT")),
    Case("NUL characters", b"a,b\nx\0y,1\nz,2\nq\0,3\n", "load_with_warning", rows=3, says=("line 2 and line 4",)),
    Case("a header and no rows", "a,b\n", "load_with_warning", rows=0, says=("no rows",)),
    Case("nothing", "", "error", says=("empty",)),
    Case("only blanks", " \r\n\t\n", "error", says=("empty",)),
    Case("a web page", "<!DOCTYPE html><html></html>", "error", says=("not a table",)),
    Case("a packed file", b"\x1f\x8b\x08\x00abc", "error", says=("Unpack",)),
    Case("a PDF", b"%PDF-1.4\n%\xe2\xe3\n", "error", says=("not a table",)),
    Case("JSON named csv", '[{"a":1},{"a":2}]', rows=2),
    Case("doubled and empty names", "a,A,a,\n1,2,3,4\n", "load_with_warning", columns=("a", "A_2", "a_3", "column_4")),
    Case("a decimal comma", "k;v\na;1,5\nb;2,25\n", types=("VARCHAR", "DOUBLE")),
    Case(
        "a point before three digits", "k;v\na;1.234\nb;2.345\n", "load_with_warning", says=("thousands or a decimal",)
    ),
    Case(
        "a comma before three digits", "k;v\na;1,234\nb;2,345\n", "load_with_warning", says=("thousands or a decimal",)
    ),
    Case("Indian groups", 'a\n"1,23,456"\n"12,34,567"\n', types=("BIGINT",)),
    Case(
        "percent signs on some only",
        "p\n12%\n0.5\n7%\n",
        "load_with_warning",
        types=("VARCHAR",),
        says=("percentages",),
    ),
    Case("two currencies", "p,q\n$1,1\n€2,2\n", "load_with_warning", types=("VARCHAR", "BIGINT"), says=("EUR, USD",)),
    Case("infinity", "a\n1\ninf\n3\n", "load_with_warning", types=("BIGINT",), nulls=(1,), says=("inf",)),
    Case(
        "a typing error among amounts",
        "x\n1.5\n2.5\n4.x\n5.5\n",
        "load_with_warning",
        types=("VARCHAR",),
        says=("4.x",),
    ),
    Case("numbers shortened by a spreadsheet", "a\n1.23E+11\n4.56E+11\n", "load_with_warning", says=("shortened",)),
    Case(
        "postcodes and long numbers",
        "zip,id\n00123,12345678901234567\n04567,12345678901234568\n",
        types=("VARCHAR", "VARCHAR"),
    ),
    Case("flags", "a,b,c\n是,Y,true\n否,N,FALSE\n", types=("BOOLEAN", "BOOLEAN", "BOOLEAN")),
    Case(
        "day or month first",
        "d,v\n01/02/2024,1\n03/04/2024,2\n",
        "ask",
        types=("VARCHAR", "BIGINT"),
        says=("day or month first",),
    ),
    Case("dates with a 13th", "d,v\n01/02/2024,1\n13/04/2024,2\n", types=("DATE", "BIGINT")),
    Case("months first by a 13th", "d,v\n01-02-2024,1\n03-13-2024,2\n", types=("DATE", "BIGINT")),
    Case(
        "dates that do not exist",
        "d\n30/02/2024\n31/04/2023\n31/12/2024\n",
        "load_with_warning",
        nulls=(2,),
        says=("30/02/2024",),
    ),
    Case(
        "two formats in a column",
        "d\n2024-03-14\n15/03/2024\n",
        "load_with_warning",
        types=("DATE",),
        says=("15/03/2024",),
    ),
    Case("Chinese dates", "日期,额\n2024年5月3日,1.2万\n2024年12月31日,3亿\n", types=("DATE", "DOUBLE")),
    Case("months", "m,v\n2024-01,1\n2024-02,2\n", types=("DATE", "BIGINT")),
    Case("times of day", "d\n1/13/2024 3:05 PM\n1/14/2024 11:30 AM\n", types=("TIMESTAMP",)),
    Case(
        "offsets",
        "d\n2024-01-01 10:00:00+0800\n2024-01-02T10:00:00 +02:00\n",
        types=("TIMESTAMP WITH TIME ZONE",),
        nulls=(0,),
    ),
    Case(
        "offsets on some only",
        "d\n2024-01-01T10:00:00Z\n2024-01-02T10:00:00\n",
        "load_with_warning",
        types=("VARCHAR",),
    ),
    Case("a total line", "r;v\nA;1,50\nB;2,50\nSumme;4,00\n", "load_with_warning", rows=2, says=("total", "line 4")),
    Case(
        "a total that does not add up",
        "r,v\na,1\nb,2\nTotal,7\n",
        "load_with_warning",
        rows=3,
        says=("Total", "line 4"),
    ),
    Case("subtotals", "地区,金额\n华东,1\n小计,1\n华南,2\n华北,3\n", "load_with_warning", rows=4, says=("line 3",)),
    Case(
        "many columns",
        ",".join(f"c{i}" for i in range(600)) + "\n" + ",".join("1" * 600) + "\n",
        "load_with_warning",
        rows=1,
    ),
    Case("a long cell", "a,b\n1," + "x" * 50_000 + "\n", "load_with_warning", rows=1, says=("50,000", "line 2")),
    Case("formulas and HTML stay text", 'a,n\n"=1+1",1\n<b>x</b>,2\n@SUM(1),3\n', types=("VARCHAR", "BIGINT")),
)


def check(tmp_path: Path, content: str | bytes, name: str = "t.csv", choices: Choices | None = None) -> SourceReport:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return check_file(path, choices=choices)


def told(report: SourceReport) -> str:
    return " ".join(m.text for m in report.all_messages)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.title)
def test_a_file_is_read_right_or_with_a_word(case: Case, tmp_path: Path) -> None:
    report = check(tmp_path, case.content)
    assert report.outcome == case.outcome, told(report)
    for words in case.says:
        assert words in told(report)
    if case.outcome == "error":
        assert report.tables == ()
        return
    [table] = report.tables
    assert case.rows is None or table.rows == case.rows
    assert case.types is None or table.types == case.types
    assert case.columns is None or table.columns == case.columns
    assert case.nulls is None or table.nulls == case.nulls


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("utf-8-sig", "città,v\nè,1\n"),
        ("utf-16", "день,v\nя,1\n"),
        ("utf-16-le", "name,v\nx,1\ny,2\n"),
        ("gbk", "日期,地区,金额\n2024-01-01,华东,100\n2024-01-02,华南,200\n"),
        ("gb18030", "产品名称,单价\n笔记本电脑,4999\n机械键盘,399\n"),
        ("big5", "日期,地區,金額\n2024-01-01,華東,100\n2024-01-02,臺灣,200\n"),
        ("cp932", "日付,地域,売上\n2024-01-01,とうきょう,100\n2024-01-02,おおさか,200\n"),
        ("cp949", "날짜,지역,금액\n2024-01-01,서울,100\n2024-01-02,부산,200\n"),
        ("cp1252", "Städte;Umsatz\nKöln;1,50\nMünchen;2,00\n"),
    ],
)
def test_letters_survive_every_encoding(codec: str, text: str, tmp_path: Path) -> None:
    report = check(tmp_path, text.encode(codec))
    assert report.outcome == "load", told(report)
    assert list(report.tables[0].columns) == text.split("\n", 1)[0].replace(";", ",").split(",")


def test_a_doubtful_encoding_is_told(tmp_path: Path) -> None:
    report = check(tmp_path, "Дата;Город\n2024-01-01;Москва\n2024-01-02;Казань\n".encode("cp1251"))
    assert report.outcome == "load_with_warning"
    assert "Check the letters" in told(report)


def test_foreign_letters_far_down_decide_the_encoding(tmp_path: Path) -> None:
    body = "a,b\n" + "".join(f"{i},x\n" for i in range(200_000)) + "1,华东地区销售\n"
    report = check(tmp_path, body.encode("gbk"))
    assert report.outcome == "load", told(report)
    assert report.tables[0].rows == 200_001


def test_bytes_that_are_no_text_are_named_by_line(tmp_path: Path) -> None:
    report = check(tmp_path, b"a,b\n" + "é".encode() * 30 + b",1\n\xe9x,2\n")
    assert report.outcome == "load_with_warning"
    assert "line 3" in told(report)


def test_a_letter_in_the_last_row_keeps_codes_as_text(tmp_path: Path) -> None:
    body = "id,grade\n" + "".join(f"{i},{i % 7}\n" for i in range(30_000)) + "30000,B1\n"
    report = check(tmp_path, body)
    assert report.outcome == "load"
    assert report.tables[0].types == ("BIGINT", "VARCHAR")
    assert report.tables[0].rows == 30_001
    assert "line 30002" in told(report)


def test_a_letter_in_a_measure_is_a_doubt(tmp_path: Path) -> None:
    body = "id,sold\n" + "".join(f"{i},{i * 3}\n" for i in range(5_000)) + "5000,some\n"
    assert check(tmp_path, body).outcome == "load_with_warning"


@pytest.mark.parametrize(("day_first", "type_"), [(True, "DATE"), (False, "DATE")])
def test_the_answer_to_day_or_month_first_is_taken(day_first: bool, type_: str, tmp_path: Path) -> None:
    report = check(tmp_path, "d,v\n01/02/2024,1\n03/04/2024,2\n", choices=Choices(day_first=day_first))
    assert report.outcome == "load"
    assert report.tables[0].types[0] == type_
    assert ("day first" if day_first else "month first") in told(report)
