"""Opening data when something is wrong with the disk, the derived files or the data themselves."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.engines.duckdb.workers.engine import WorkerEngine
from bi_chat.errors import SourceError
from bi_chat.settings import Settings
from bi_chat.wiring import Connection, connect

Opens = Callable[..., Connection]


@pytest.fixture()
def sales(tmp_path: Path) -> Path:
    file = tmp_path / "sales.csv"
    file.write_text("day,city,amount\n2024-01-01,Oslo,5\n2024-01-02,Lima,7\n2024-02-03,Oslo,9\n", encoding="utf-8")
    return file


@pytest.fixture()
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Opens:
    def open_data(source: Path, **chosen: object) -> Connection:
        settings = Settings(cache_dir=tmp_path / "cache", **chosen)  # type: ignore[arg-type]
        made = connect(source, settings=settings)
        request.addfinalizer(made.close)
        return made

    return open_data


def total(made: Connection) -> object:
    return made.session().ask("total amount").frame.rows()[0][-1]


def derived(tmp_path: Path, kind: str) -> Path:
    (file,) = (tmp_path / "cache" / ("sources" if kind == "duckdb" else "models")).glob(f"*.{kind}")
    return file


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("damage", ["empty", "foreign", "cut off", "overwritten"])
def test_a_damaged_derived_database_is_made_again(sales, opens, tmp_path, damage, workers):
    opens(sales).close()
    file = derived(tmp_path, "duckdb")
    whole = file.read_bytes()
    file.write_bytes({
        "empty": b"",
        "foreign": b"something else" * 500,
        "cut off": whole[: len(whole) // 2],
        "overwritten": whole[:9_000] + b"\xde\xad" * ((len(whole) - 9_000) // 2),
    }[damage])  # fmt: skip
    assert total(opens(sales, workers=workers)) == 21


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b'{"is": "Nothing"}', b"[1, 2]", b'{"is": "Span"}'])
def test_a_damaged_kept_model_is_drafted_again(sales, opens, tmp_path, content):
    opens(sales).close()
    derived(tmp_path, "json").write_bytes(content)
    assert total(opens(sales)) == 21


@pytest.mark.parametrize("content", [None, b"", b"something else" * 500])
def test_damaged_kept_values_are_made_again(sales, opens, tmp_path, content):
    opens(sales).close()
    file = derived(tmp_path, "sqlite")
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    assert total(opens(sales)) == 21
    assert file.read_bytes().startswith(b"SQLite")


def test_a_folder_that_can_not_be_written_is_named_by_its_setting(sales, opens, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(SourceError, match="BI_CHAT_CACHE_DIR") as caught:
        opens(sales)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="makes the disk full with a limit that Linux keeps")
def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(sales, opens, tmp_path):
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    try:
        with pytest.raises(SourceError, match="disk is full"):
            opens(sales)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert list((tmp_path / "cache" / "sources").iterdir()) == []
    assert total(opens(sales)) == 21


def test_a_model_that_can_not_be_kept_is_no_fault(sales, opens, tmp_path):
    opens(sales).close()
    folder = derived(tmp_path, "json").parent
    shutil.rmtree(folder)
    folder.write_text("a file where the folder should be", encoding="utf-8")
    assert total(opens(sales)) == 21


def test_changed_files_are_seen_and_read_anew(sales, opens):
    first = opens(sales)
    assert not first.changed()
    sales.write_text(sales.read_text("utf-8") + "2024-03-01,Lima,100\n", encoding="utf-8")
    assert first.changed()
    assert total(first) == 21
    assert total(opens(sales)) == 121
    sales.unlink()
    assert first.changed()


def test_a_database_replaced_while_open_is_told_and_opened_anew(opens, tmp_path):
    def make(name: str, amount: int) -> Path:
        with duckdb.connect(str(tmp_path / name)) as connection:
            connection.execute(f"CREATE TABLE sales AS SELECT 'Oslo' AS city, {amount} AS amount")
        return tmp_path / name

    file = make("shop.duckdb", 5)
    first = opens(file)
    assert total(first) == 5
    make("next.duckdb", 8).replace(file)
    answer = first.session().ask("total amount")
    assert answer.status == "declined"
    assert [i.code for i in answer.value.issues] == ["data_changed"]
    assert first.changed()
    assert total(opens(file)) == 8


def test_the_settings_choose_where_queries_run(sales, opens):
    assert isinstance(opens(sales).engine, WorkerEngine)
    assert isinstance(opens(sales, workers=0).engine, DuckDBEngine)
    assert total(opens(sales, workers=0)) == 21


def test_frames_never_change():
    import polars as pl

    made = connect({"sales": pl.DataFrame({"amount": [1, 2]})}, settings=Settings(_folder()))
    assert not made.changed()
    made.close()


def _folder() -> Path:
    return Path(os.environ["BI_CHAT_CACHE_DIR"])
