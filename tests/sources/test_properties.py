"""What must hold for every generated file: no row lost, sums equal in every dress, nothing dropped without its line."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_chat.sources.load import load

SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STYLES = {
    "1,234.50": lambda n: f"{n:,.2f}",
    "1234.50": lambda n: f"{n:.2f}",
    "1.234,50": lambda n: f"{n:,.2f}".translate(str.maketrans(",.", ".,")),
    "1 234,50": lambda n: f"{n:,.2f}".replace(",", " ").replace(".", ","),
    "$1,234.50": lambda n: f"-${-n:,.2f}" if n < 0 else f"${n:,.2f}",
    "1.234,50 €": lambda n: f"{n:,.2f}".translate(str.maketrans(",.", ".,")) + " €",
    "(1,234.50)": lambda n: f"({-n:,.2f})" if n < 0 else f"{n:,.2f}",
    "￥1234.50": lambda n: f"￥{n:.2f}",
}
amounts = st.lists(st.integers(-10_000_000, 10_000_000).map(lambda n: Decimal(n) / 100), min_size=1, max_size=30)
# two amounts that leave no style ambiguous and make no total line
SURE = [Decimal("1234.56"), Decimal("-98765.43")]


@SETTINGS
@given(
    values=amounts,
    style=st.sampled_from(sorted(STYLES)),
    delimiter=st.sampled_from(",;\t|"),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_sums_are_equal_in_every_dress(
    values: list[Decimal], style: str, delimiter: str, codec: str, newline: str
) -> None:
    rows = [*SURE, *values]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    writer.writerow(["编号地区", "金额"])
    for number, value in enumerate(rows):
        writer.writerow([f"门店{number}号", STYLES[style](value)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sales.csv"
        text = out.getvalue()
        path.write_bytes(("\ufeff" if codec == "utf-16-be" else "").encode(codec) + text.encode(codec))
        loaded = load(path, cache_dir=Path(folder) / "cache")
        [table] = loaded.report.tables
        assert table.rows == len(rows)
        assert table.types[1] == "DOUBLE"
        con = duckdb.connect(str(loaded.database), read_only=True)
        [(total,)] = con.execute('SELECT sum("金额") FROM sales').fetchall()
        con.close()
    assert abs(total - float(sum(rows))) < 1e-6


cells = st.text(
    alphabet=st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x1f"), min_size=1, max_size=12
).map(lambda t: "k" + t.replace("\\", "/"))


@SETTINGS
@given(rows=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=40), delimiter=st.sampled_from(",;\t|"))
def test_no_row_of_a_regular_file_is_lost(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows([("first", "second", "third"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        loaded = load(path, cache_dir=Path(folder) / "cache")
        con = duckdb.connect(str(loaded.database), read_only=True)
        got = con.execute("SELECT * FROM t").fetchall()
        con.close()
    assert [tuple(c.strip(" \u00a0\u3000") for c in r) for r in rows] == got


@SETTINGS
@given(widths=st.lists(st.integers(1, 6), min_size=3, max_size=30))
def test_rows_in_are_rows_out_and_rows_named(widths: list[int]) -> None:
    lines = (
        ["a,b,c,d"]
        + ["1,2,3,4"] * 40
        + [",".join(["x"] + ["5"] * (w - 1)) if w == 4 else ",".join("5" * w) for w in widths]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text("\n".join(lines) + "\n")
        loaded = load(path, cache_dir=Path(folder) / "cache")
    [table] = loaded.report.tables
    left_out = [m for m in table.messages if m.code == "rows_left_out"]
    named = sum(
        len(re.findall(r"line \d+", m.text)) + sum(map(int, re.findall(r"and (\d+) more", m.text))) for m in left_out
    )
    assert table.rows + named == len(lines) - 1
    ragged = [n for n, w in enumerate(widths, start=42) if w != 4]
    if ragged:
        assert loaded.report.outcome == "load_with_warning"
