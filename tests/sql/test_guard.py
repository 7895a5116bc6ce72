"""What a person sees of a refusal, what a checked query carries, and that nothing random gets past the guard."""

from __future__ import annotations

import importlib.util
import json
import random
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import sqlglot
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_chat.sql.guard import check
from bi_chat.sql.guard.names import allowed_functions
from bi_chat.values.catalog import Catalog, Column, Table
from bi_chat.values.issue import Issue
from bi_chat.values.query import CheckedQuery, Query, ResultColumn

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
VISIBLE = ("customers", "orders", "products", "sales plan", "门店")
CATALOG = Catalog(
    (
        Table(
            "orders", (Column("id", "INTEGER"), Column("amount", "DECIMAL(10,2)"), Column("状态", "VARCHAR")), rows=5
        ),
        Table("two words", (Column("a b", "INTEGER"),), rows=5),
        Table("huge", (Column("n", "BIGINT"),), rows=100_000),
    )
)


def benchmark() -> ModuleType:
    """benchmarks/guard.py, which is no package."""
    spec = importlib.util.spec_from_file_location("guard_benchmark", ROOT / "benchmarks" / "guard.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ModuleType, object]]:
    module = benchmark()
    made = module.serve(FIXTURES / "guard_shop.sql", tmp_path_factory.mktemp("fuzz"), VISIBLE, timeout=2.0)
    yield module, made
    made.engine.close()


def refused(sql: str, catalog: Catalog = CATALOG) -> Issue:
    issue = check(sql, catalog)
    assert isinstance(issue, Issue), issue
    return issue


def passed(sql: str, **kwargs: int) -> CheckedQuery:
    checked = check(sql, CATALOG, **kwargs)
    assert isinstance(checked, CheckedQuery), checked
    return checked


# What is shown ---------------------------------------------------------------------------------------------------


def test_a_misspelt_table_is_pointed_at_and_its_neighbour_offered() -> None:
    issue = refused("SELECT * FROM ordres")
    assert issue.span == (14, 20)
    assert issue.suggestions[0].text == "orders"


def test_a_place_is_counted_in_characters_not_bytes() -> None:
    sql = "SELECT '状态状态', read_text('x') FROM orders"
    issue = refused(sql)
    assert issue.span is not None
    assert sql[issue.span[0] : issue.span[1]].startswith("read_text")


def test_a_misspelt_column_is_offered_too() -> None:
    assert refused("SELECT amont FROM orders").suggestions[0].text == "amount"


def test_a_comment_does_not_move_the_place() -> None:
    sql = "SELECT /* ; */ 1 FROM nope -- x"
    issue = refused(sql)
    assert issue.span is not None
    assert sql[issue.span[0] : issue.span[1]].startswith("nope")


def test_a_hidden_table_is_refused_in_the_words_of_a_missing_one() -> None:
    assert refused("SELECT * FROM staff").problem == refused("SELECT * FROM stuff").problem.replace("stuff", "staff")


def test_a_dynamic_pivot_is_refused_with_what_to_write_instead() -> None:
    assert "ON status IN" in refused("PIVOT orders ON 状态 USING sum(amount)").problem


# What a checked query is -----------------------------------------------------------------------------------------


def test_one_row_more_than_the_limit_is_asked_for() -> None:
    checked = passed("SELECT id FROM orders ORDER BY id", row_limit=7)
    assert checked.row_limit == 7
    assert checked.sql.endswith("LIMIT 8")


def test_tables_and_meaning_are_carried() -> None:
    columns = (ResultColumn("n", "measure"),)
    tree = sqlglot.parse_one('SELECT sum("a b") AS n FROM "two words"', dialect="duckdb")
    checked = check(Query(tree, columns), CATALOG)
    assert isinstance(checked, CheckedQuery)
    assert checked.columns == columns
    assert checked.tables == ("two words",)


def test_a_compiled_tree_passes_the_same_lists() -> None:
    tree = sqlglot.parse_one("SELECT * FROM read_csv('x')", dialect="duckdb")
    assert isinstance(check(Query(tree), CATALOG), Issue)


def test_a_cross_join_is_bounded_by_the_rows_of_its_tables() -> None:
    refused("SELECT count(*) FROM huge a, huge b")
    passed("SELECT count(*) FROM huge a, orders b")
    passed("SELECT count(*) FROM huge a JOIN huge b ON a.n = b.n")


def test_nothing_is_checked_beyond_twenty_thousand_characters() -> None:
    refused("SELECT " + "1, " * 10_000 + "1")


@pytest.mark.parametrize(
    "opening, core, closing", [("(", "1", ")"), ("abs(", "1", ")"), ("[", "1", "]"), ("- ", "1", "")]
)
@pytest.mark.parametrize("depth", [50, 400, 3_000])
def test_deep_nesting_is_answered_soon(opening: str, core: str, closing: str, depth: int) -> None:
    started = time.perf_counter()
    answer = check(f"SELECT {opening * depth}{core}{closing * depth}", CATALOG)
    assert isinstance(answer, Issue | CheckedQuery)
    assert time.perf_counter() - started < 5


def test_many_threads_check_at_once() -> None:
    answers: list[CheckedQuery | Issue] = []

    def work(index: int) -> None:
        for _ in range(20):
            answers.append(check(f"SELECT {index} AS i, sum(amount) FROM orders", CATALOG))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 160
    assert all(isinstance(a, CheckedQuery) for a in answers)


def test_a_new_release_of_the_engine_adds_no_function_by_itself() -> None:
    # The names that attacks on this engine were built from; each would be a door if someone added it to the list.
    doors = (
        "query query_table read_csv read_text read_blob read_parquet read_json glob getenv current_setting getvariable "
        "json_execute_serialized_sql json_serialize_sql json_deserialize_sql json_serialize_plan stats sleep_ms "
        "write_log nextval currval setseed random uuid gen_random_uuid error version current_query duckdb_tables "
        "seq_scan sniff_csv parquet_scan arrow_scan pandas_scan python_map_function in_search_path"
    )
    assert not allowed_functions() & set(doors.split())


# Who makes a CheckedQuery ----------------------------------------------------------------------------------------


def test_only_the_guard_makes_a_checked_query() -> None:
    maker = re.compile(r"values\.query\b.*\b_checked\b|\bquery\._checked\b|\b_KEY\b", re.DOTALL)
    users = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bi_chat").rglob("*.py")
        if any(maker.search(part) for part in path.read_text(encoding="utf-8").split("\n\n"))
    }
    assert users == {"bi_chat/values/query.py", "bi_chat/sql/guard/check.py"}


def test_a_checked_query_can_not_be_made_by_hand() -> None:
    with pytest.raises(TypeError, match="guard"):
        CheckedQuery("SELECT 1", (), (), 10, object())


# Chance ----------------------------------------------------------------------------------------------------------

QUIET = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@QUIET
@given(st.text(max_size=60))
def test_any_text_gives_an_issue_or_a_query(text: str) -> None:
    assert isinstance(check(text, CATALOG), Issue | CheckedQuery)


@QUIET
@given(st.text(max_size=40))
def test_a_quoted_name_never_leaves_its_quotes(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    known = name.lower() in ("orders", "huge", "two words")
    assert isinstance(check(f"SELECT 1 FROM {quoted}", CATALOG), CheckedQuery if known else Issue)


@QUIET
@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=60))
def test_a_quoted_value_is_only_a_value(value: str) -> None:
    quoted = "'" + value.replace("'", "''") + "'"
    checked = check(f"SELECT id FROM orders WHERE 状态 = {quoted}", CATALOG)
    assert isinstance(checked, CheckedQuery), checked
    assert quoted in checked.sql


def statements() -> list[str]:
    names = ("guard_refuse.yaml", "guard_allow.yaml")
    entries = [e for n in names for e in yaml.safe_load((FIXTURES / n).read_text(encoding="utf-8"))]
    return [entry["sql"] for entry in entries if 0 < len(entry["sql"]) < 400]


def test_three_thousand_mutations_break_nothing(served: tuple[ModuleType, object]) -> None:
    module, engine = served
    through, breaches = module.fuzz(engine, statements(), 3_000, seed=20_261)
    assert not breaches, breaches[:5]
    assert through > 100, "mutations that all fail would prove nothing"


def test_the_fuzz_sees_a_breach(served: tuple[ModuleType, object]) -> None:
    """Its eyes are tested with a table that the guard shows but that is called hidden here."""
    module, made = served
    stricter = module.Served(made.engine, made.path, (), made.secrets | {"Customer 1"})  # type: ignore[attr-defined]
    _, breaches = module.fuzz(stricter, ["SELECT name FROM customers"], 40, seed=1)
    assert breaches


def test_shared_corpus_where_it_is_at_hand(tmp_path: Path) -> None:
    folder = ROOT.parent / "shared" / "benchmarks" / "security"
    if not folder.is_dir():
        pytest.skip("the security corpus lies beside the clone, not in it")
    module = benchmark()
    cases = [json.loads(line) for line in (folder / "sql.jsonl").read_text(encoding="utf-8").splitlines()]
    random.Random(1).shuffle(cases)
    made = module.serve(folder / "schema.sql", tmp_path, module.VISIBLE)
    assert module.corpus(made, cases, verbose=False)
    made.engine.close()
