"""With the guard bypassed, the locked connection alone still opens no file, changes nothing and hides what is hidden.

The queries are made through `_checked`: this asks what would happen if the guard failed.
"""

from __future__ import annotations

import duckdb
import pytest

from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.errors import BiChatError, EngineError, SourceError
from bi_chat.values.query import _checked

DATA = """
CREATE TABLE seen AS SELECT 1 AS id, 'plain' AS word;
CREATE TABLE hidden_pay AS SELECT 'CANARY' AS name;
CREATE VIEW hidden_view AS SELECT * FROM hidden_pay;
CREATE SCHEMA vault;
CREATE TABLE vault.keys AS SELECT 'CANARY' AS code;
"""

WALLED = """
SELECT * FROM read_csv('{other}')
SELECT * FROM read_text('{other}')
SELECT * FROM read_blob('{other}')
SELECT * FROM '{other}'
SELECT * FROM glob('{folder}/*')
SELECT * FROM read_text('/etc/hostname')
COPY seen TO '{folder}/out.csv'
COPY (SELECT 1) TO '/dev/stdout'
EXPORT DATABASE '{folder}/dump'
IMPORT DATABASE '{folder}'
ATTACH '{data}' AS again
ATTACH '{folder}/new.duckdb' AS fresh
ATTACH '{other}' AS other (READ_ONLY)
INSTALL httpfs
LOAD httpfs
LOAD '{folder}/x.duckdb_extension'
SET memory_limit = '100GB'
SET threads = 64
SET GLOBAL enable_external_access = true
SET disabled_filesystems = ''
RESET lock_configuration
PRAGMA enable_external_access
SET python_enable_replacements = true
SELECT * FROM host_frame
SELECT * FROM hidden_pay
SELECT * FROM hidden_view
SELECT * FROM vault.keys
SELECT * FROM main.hidden_pay
SELECT getenv('HOME')
CREATE PERSISTENT SECRET s (TYPE s3)
SELECT * FROM read_parquet('https://localhost:1/x.parquet')
""".strip().splitlines()

# Where spilling to disk is on, the engine must keep its file system, and with it the data's own file: there the guard
# is the only wall in front of these. Without spilling (the default) they fail as well.
OWN_FILE = """
SELECT * FROM read_text('{data}')
SELECT * FROM read_blob('{data}')
SELECT * FROM read_duckdb('{data}', table_name = 'hidden_pay')
COPY seen TO '{data}.wal'
COPY seen TO '{data}'
""".strip().splitlines()


@pytest.fixture(params=["no spilling", "spilling"])
def walled(request, opened, tmp_path):
    settings: dict[str, object] = {}
    if request.param == "spilling":
        (tmp_path / "spill").mkdir()
        settings["temp_directory"] = tmp_path / "spill"
    (tmp_path / "other.csv").write_text("name\nCANARY\n", encoding="utf-8")
    return opened(DATA, hidden=frozenset({"hidden_pay", "HIDDEN_VIEW"}), **settings)


@pytest.mark.parametrize("sql", WALLED)
def test_the_connection_refuses(walled: DuckDBEngine, tmp_path, sql):
    assert_refused(walled, tmp_path, sql)


@pytest.mark.parametrize("sql", OWN_FILE)
def test_without_spilling_even_the_own_file_is_closed(opened, tmp_path, sql):
    assert_refused(opened(DATA, hidden=frozenset({"hidden_pay", "hidden_view"})), tmp_path, sql)


def assert_refused(walled: DuckDBEngine, tmp_path, sql):
    import polars as pl

    host_frame = pl.DataFrame({"name": ["CANARY"]})
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    text = sql.format(data=walled.database, folder=tmp_path, other=tmp_path / "other.csv")
    with pytest.raises(EngineError) as caught:
        walled.run(_checked(text, (), (), 10))
    assert "CANARY" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before
    assert host_frame.height == 1


@pytest.mark.parametrize(
    "sql", ["INSERT INTO {d}.main.seen VALUES (2, 'x')", "DROP TABLE {d}.main.seen", "DELETE FROM {d}.main.seen"]
)
def test_even_with_the_secret_name_the_data_can_not_be_written(walled: DuckDBEngine, sql):
    with pytest.raises(BiChatError):
        walled.run(_checked(sql.format(d=walled._opened.data), (), (), 10))
    assert walled.run(_checked("SELECT count(*) FROM seen", (), (), 10)).rows == [(1,)]


def test_what_one_call_leaves_behind_the_next_does_not_see(walled: DuckDBEngine):
    """Should a TEMP object ever get through, it dies with its cursor."""
    with pytest.raises(BiChatError):
        walled.run(_checked("CREATE TEMP VIEW seen AS SELECT 'forged' AS word", (), (), 10))
        walled.run(_checked("SELECT * FROM seen WHERE word = 'plain' AND error('not reached')", (), (), 10))
    assert walled.run(_checked("SELECT word FROM seen", (), (), 10)).rows == [("plain",)]


def test_each_engine_has_another_name_for_the_data(opened):
    assert opened(DATA)._opened.data != opened(DATA)._opened.data


def test_a_view_in_the_data_can_not_open_files(tmp_path, ask, caplog):
    """A database that someone sends may bring views with it."""
    (tmp_path / "secret.csv").write_text("name\nCANARY\n", encoding="utf-8")
    path = tmp_path / "sent.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW trap AS SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")
        connection.execute("CREATE TABLE good AS SELECT 1 AS x")
    engine = DuckDBEngine(path)
    assert [table.name for table in engine.catalog().tables] == ["good"]
    engine.close()


def test_a_table_function_of_the_data_is_not_taken_for_the_engines_own(opened, ask):
    engine = opened("CREATE TABLE t AS SELECT 2 AS x; CREATE MACRO abs(x) AS 99; CREATE MACRO sum(x) AS 99")
    assert ask(engine, "SELECT abs(-3), sum(x) FROM t").rows == [(3, 2)]


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"\0" * 5000])
def test_what_is_no_database_is_a_source_error_without_its_folder(tmp_path, content):
    path = tmp_path / "broken.duckdb"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"broken\.duckdb") as caught:
        DuckDBEngine(path)
    assert str(tmp_path) not in str(caught.value)


def test_only_checked_queries_are_run(opened):
    with pytest.raises(TypeError, match="guard"):
        opened(DATA).run("SELECT 1")
