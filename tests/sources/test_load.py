"""All else a user points at: workbooks, JSON, Parquet, SQLite, DuckDB, frames; the cache; hostile names."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest

from bi_chat.errors import SourceError
from bi_chat.sources import cache
from bi_chat.sources.check import check_file
from bi_chat.sources.load import Loaded, load
from bi_chat.sources.names import safe_file_name, table_name
from bi_chat.sources.report import report_from_json
from bi_chat.sources.stage import Choices


def rows_of(loaded: Loaded, sql: str) -> list[tuple[object, ...]]:
    con = duckdb.connect(str(loaded.database), read_only=True)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def told(loaded: Loaded) -> str:
    return " ".join(m.text for m in loaded.report.all_messages)


def workbook(path: Path, sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> Path:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl writes the workbooks of these tests")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def test_each_sheet_is_a_table_and_the_hidden_one_is_asked_about(tmp_path: Path) -> None:
    sheets = {
        "Note": [["see next"]],
        "Sales": [["k", "v"], ["a", 1.5], ["b", 2]],
        "Salaries": [["who"], ["x"]],
        "L'été": [["n"], [3]],
    }
    path = workbook(tmp_path / "book.xlsx", sheets, hidden=("Salaries",))
    loaded = load(path, cache_dir=tmp_path / "c")
    assert [t.table for t in loaded.report.tables] == ["Sales", "L_été"]
    assert loaded.report.outcome == "ask"
    assert "Salaries" in told(loaded)
    assert "Note" in told(loaded)
    assert rows_of(loaded, "SELECT sum(v) FROM Sales") == [(3.5,)]
    again = load(path, cache_dir=tmp_path / "c", choices=Choices(hidden_sheets=True))
    assert [t.table for t in again.report.tables] == ["Sales", "Salaries", "L_été"]


def test_two_header_lines_become_one(tmp_path: Path) -> None:
    rows = [["Shop", "2023", None, "2024", None], [None, "Q1", "Q2", "Q1", "Q2"], ["N", 1, 2, 3, 4], ["S", 5, 6, 7, 8]]
    loaded = load(workbook(tmp_path / "h.xlsx", {"Sheet": rows}), cache_dir=tmp_path / "c")
    assert loaded.report.tables[0].columns == ("Shop", "2023 Q1", "2023 Q2", "2024 Q1", "2024 Q2")
    assert loaded.report.outcome == "load_with_warning"


def test_formulas_without_results_and_error_cells_are_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", {"S": [["a", "b"], [1, "=A2*2"], [2, "#N/A"]]})
    loaded = load(path, cache_dir=tmp_path / "c")
    assert "B2" in told(loaded)
    assert "B3" in told(loaded)
    assert loaded.report.outcome == "load_with_warning"


def test_a_small_workbook_that_unpacks_to_much_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (40 << 20))
    assert "too large when unpacked" in check_file(path).messages[0].text


@pytest.mark.parametrize(
    ("title", "name", "content", "words"),
    [
        ("an old workbook", "a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old or protected"),
        ("a cut Parquet file", "a.parquet", b"PAR1" + b"\1" * 400, "damaged or incomplete"),
        ("deep JSON", "a.json", b"[" * 5000 + b"]" * 5000, "too deep"),
        ("broken JSON", "a.json", b'[{"a":1},{"a":', "not valid JSON"),
        ("an empty JSON list", "a.json", b"[]", "empty"),
        ("a damaged workbook", "a.xlsx", b"PK\x03\x04" + b"\1" * 100, "damaged or incomplete"),
        ("a broken DuckDB file", "a.duckdb", b"\0" * 8 + b"DUCK" + b"\7" * 8000, "DuckDB"),
    ],
)
def test_what_is_no_table_is_named(title: str, name: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    report = check_file(path)
    assert report.outcome == "error", title
    assert words in report.messages[0].text
    with pytest.raises(SourceError, match=words):
        load(path, cache_dir=tmp_path / "c")


def test_every_damaged_byte_of_a_parquet_file_ends_in_a_report(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame({"a": [1, 2, 3], "t": ["x", "y", "z"]}).write_parquet(path)
    good = path.read_bytes()
    assert check_file(path).tables[0].rows == 3
    for place in range(4, len(good) - 8, max(1, len(good) // 6)):
        path.write_bytes(good[:place] + b"\xff\xfe\xfd" + good[place + 3 :])
        assert check_file(path).outcome in ("load", "load_with_warning", "error")


@pytest.mark.parametrize(
    ("title", "text", "rows", "columns"),
    [
        ("a list inside a document", '{"n":1,"data":[{"a":1},{"a":2}]}', 2, ("a",)),
        ("columns of values", '{"a":[1,2],"b":["x","y"]}', 2, ("a", "b")),
        ("rows of values", '[["a","b"],[1,2],[3,4]]', 2, ("a", "b")),
        ("bare values", "[1,2,3]", 3, ("value",)),
        ("nested objects", '[{"id":1,"u":{"n":"a","g":{"x":1}}},{"id":2,"u":null}]', 2, ("id", "u.n", "u.g.x")),
        ("lines", '{"a":1}\n{"a":2}\n\n{"a":3}\n', 3, ("a",)),
        ("lines, one broken", '{"a":1}\n{"a":2\n{"a":3}\n', 2, ("a",)),
    ],
)
def test_json_of_every_shape(title: str, text: str, rows: int, columns: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "j.json"
    path.write_text(text)
    [table] = check_file(path).tables
    assert (table.rows, table.columns) == (rows, columns), title


def test_long_integers_in_json_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "j.json"
    path.write_text('[{"id":12345678901234567890123,"d":"2024-05-01"},{"id":1,"d":"2024-05-02"}]')
    loaded = load(path, cache_dir=tmp_path / "c")
    assert rows_of(loaded, "SELECT id FROM j") == [("12345678901234567890123",), ("1",)]
    assert loaded.report.tables[0].types == ("VARCHAR", "DATE")


def test_sqlite_carries_keys_references_and_declared_types(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    con = sqlite3.connect(path)
    con.executescript(
        'CREATE TABLE "order lines" (id INTEGER PRIMARY KEY, shop INT REFERENCES shop(id), '
        "day DATE, price DECIMAL(10,2), odd INT);"
        "CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT, open BOOLEAN);"
        "INSERT INTO shop VALUES (1, 'A', 1), (2, 'B', 0);"
        "INSERT INTO \"order lines\" VALUES (1, 1, '2024-05-01', 1.25, 1), (2, 2, '2024-05-02', 2, 'x'), "
        "(3, NULL, NULL, NULL, 3);"
    )
    con.commit()
    con.close()
    loaded = load(path, cache_dir=tmp_path / "c")
    types = {t.table: t.types for t in loaded.report.tables}
    assert types["order_lines"] == ("BIGINT", "BIGINT", "DATE", "DOUBLE", "VARCHAR")
    assert types["shop"] == ("BIGINT", "VARCHAR", "BOOLEAN")
    kinds = rows_of(loaded, "SELECT constraint_type, table_name FROM duckdb_constraints() ORDER BY ALL")
    assert ("FOREIGN KEY", "order_lines") in kinds
    assert ("PRIMARY KEY", "shop") in kinds
    assert "odd" in told(loaded)


def test_a_broken_sqlite_reference_is_a_doubt_not_a_lost_row(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    con = sqlite3.connect(path)
    con.executescript(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INT REFERENCES a(id)); INSERT INTO b VALUES (9)"
    )
    con.commit()
    con.close()
    loaded = load(path, cache_dir=tmp_path / "c")
    assert {t.table: t.rows for t in loaded.report.tables} == {"a": 0, "b": 1}
    assert "Foreign keys" in told(loaded)


def test_a_duckdb_file_is_used_in_place_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "d.duckdb"
    con = duckdb.connect(str(path))
    con.execute("CREATE TABLE t AS SELECT 1 AS a")
    con.close()
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    loaded = load(path, cache_dir=tmp_path / "c")
    assert loaded.database == path.resolve()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert not (tmp_path / "c").exists()


def test_frames_of_three_libraries(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is an extra")
    polars_frame = pl.DataFrame({"a": [1, 2], "d": ["x", None]})
    frames = {"p": polars_frame, "q": pandas.DataFrame({"a": [1.5], "m": [object]}), "r": polars_frame.to_arrow()}
    loaded = load(frames, cache_dir=tmp_path / "c")
    assert {t.table: t.rows for t in loaded.report.tables} == {"p": 2, "q": 1, "r": 2}
    assert load(frames, cache_dir=tmp_path / "c").database == loaded.database
    frames["p"] = polars_frame.with_columns(a=pl.lit(7))
    assert load(frames, cache_dir=tmp_path / "c").database != loaded.database
    with pytest.raises(SourceError, match="int"):
        load({"n": 3}, cache_dir=tmp_path / "c")


def test_a_second_start_reads_nothing_and_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    seen: list[str] = []
    first = load(path, cache_dir=tmp_path / "c", progress=seen.append)
    assert len(seen) == 1
    again = load(path, cache_dir=tmp_path / "c", progress=seen.append)
    assert len(seen) == 1
    assert again == first
    assert report_from_json(first.report.to_json()) == first.report
    path.write_text("a,b\n1,2\n3,4\n5,6\n")
    os.utime(path, ns=(1, 1))
    assert load(path, cache_dir=tmp_path / "c", progress=seen.append).report.tables[0].rows == 3
    assert len(seen) == 2


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    first = load(path, cache_dir=tmp_path / "c")
    first.database.with_suffix(".json").write_text("{}")
    assert load(path, cache_dir=tmp_path / "c").report == first.report


def test_nothing_half_made_is_left_when_loading_fails(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("")
    with pytest.raises(SourceError, match="empty"):
        load(path, cache_dir=tmp_path / "c")
    assert list((tmp_path / "c").iterdir()) == []


def test_old_and_surplus_cache_files_go_and_foreign_ones_stay(tmp_path: Path) -> None:
    names = [f"{n:032x}.duckdb" for n in range(4)]
    for age, name in enumerate(names):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (2_000_000_000 - age * 1000,) * 2)
    os.utime(tmp_path / names[3], (0, 0))
    (tmp_path / "mine.duckdb").write_bytes(b"x" * 1000)
    assert cache.prune(tmp_path, tmp_path / names[0], max_bytes=250) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([names[0], names[1], "mine.duckdb"])


def test_a_folder_and_a_glob_give_a_table_for_each_file(tmp_path: Path) -> None:
    for name in ("b.csv", "a.tsv", ".hidden.csv", "skip.md"):
        (tmp_path / name).write_text("x,y\n1,2\n")
    assert [t.table for t in load(tmp_path, cache_dir=tmp_path / "c").report.tables] == ["a", "b"]
    assert [t.table for t in load(str(tmp_path / "*.csv"), cache_dir=tmp_path / "c").report.tables] == ["b"]
    with pytest.raises(SourceError, match="no file or folder"):
        load(tmp_path / "none.csv", cache_dir=tmp_path / "c")


def test_one_bad_file_of_several_is_named_and_the_rest_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("")
    loaded = load([tmp_path / "a.csv", tmp_path / "b.csv"], cache_dir=tmp_path / "c")
    assert loaded.report.outcome == "load_with_warning"
    assert "b.csv is empty" in told(loaded)
    assert json.loads(loaded.report.to_json())["rows"] == 1


HOSTILE = (
    "../../../etc/cron.d/x;$(id)'\".csv",
    'a"; DROP TABLE t; --',
    "😀",
    "x" * 3000,
    "a\0b\x1bc",
    "..",
    "",
    "con\u202efdp",
)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_harmless(name: str, tmp_path: Path) -> None:
    table, file = table_name(name), safe_file_name(name)
    assert table
    assert len(table) <= 60
    assert not set(table + file) & set("/\\;$'\"()\0\x1b\u202e")
    assert not file.startswith(".")
    path = tmp_path / "t.csv"
    header = name.replace("\0", "").replace('"', '""')
    path.write_text(f'"{header}",v\n1,2\n', encoding="utf-8")
    loaded = load(path, cache_dir=tmp_path / "c")
    assert rows_of(loaded, "SELECT v FROM t") == [(2,)]
    assert len(loaded.report.tables[0].columns) == 2


def test_tables_of_equal_names_are_told_apart(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "T.csv").write_text("a,b\n1,2\n")
    loaded = load([tmp_path / "x" / "T.csv", tmp_path / "y" / "T.csv"], cache_dir=tmp_path / "c")
    assert [t.table for t in loaded.report.tables] == ["T", "T_2"]


def test_percent_and_currency_leave_their_unit_on_the_column(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text("price,margin\n€5,12.5%\n€7,7%\n", encoding="utf-8")
    loaded = load(path, cache_dir=tmp_path / "c")
    assert rows_of(loaded, "SELECT comment FROM duckdb_columns() WHERE table_name = 'u'") == [
        ("unit: EUR",),
        ("unit: %",),
    ]
    assert rows_of(loaded, "SELECT margin FROM u") == [(0.125,), (0.07,)]


def test_a_duckdb_file_open_elsewhere_for_writing_is_called_locked(tmp_path: Path) -> None:
    path = tmp_path / "d.duckdb"
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t AS SELECT 1 AS a');"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(SourceError, match="locked"):
            load(path, cache_dir=tmp_path / "c")
        writer.communicate()
    assert load(path, cache_dir=tmp_path / "c").report.tables[0].rows == 1
