"""Measure drafting: strip the declared keys of databases, draft a model, compare keys and relationships.

    python benchmarks/drafting.py PATH_TO_SHARED/benchmarks [--verify] [--show spider/world_1] [--failures]

Databases are `nl2sql/<set>/databases/<db>/schema.json` with a Parquet file per table, and `bi/databases/*.duckdb` with
their model files. `--verify` lets the drafter ask the data whether values are contained and column pairs unique.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from bi_chat.semantics.drafting import draft_model
from bi_chat.values.catalog import Catalog, Column, ColumnProfile, Table, TableProfile

Edge = tuple[str, tuple[str, ...], str, tuple[str, ...]]


@dataclass
class Truth:
    """What a database declares."""

    relationships: set[Edge] = field(default_factory=set)
    primary_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def lower(columns: list[str]) -> tuple[str, ...]:
    return tuple(c.lower() for c in columns)


def load_parquet(folder: Path, con: duckdb.DuckDBPyConnection) -> tuple[Catalog, Truth]:
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    truth, tables = Truth(), []
    for t in schema["tables"]:
        file = str(folder / t["file"]).replace("'", "''")
        con.execute(f"CREATE VIEW {quote(t['name'])} AS SELECT * FROM read_parquet('{file}')")
        columns = tuple(Column(c["name"], c["type"]) for c in t["columns"])
        tables.append(Table(t["name"], columns, rows=t["rows"]))
        if t["primary_key"]:
            truth.primary_keys[t["name"].lower()] = lower(t["primary_key"])
        for fk in t["foreign_keys"]:
            ref = fk.get("references", fk)
            to_table = ref.get("table") or ref.get("ref_table")
            to_columns = ref.get("ref_columns") or ref.get("columns")
            truth.relationships.add((t["name"].lower(), lower(fk["columns"]), to_table.lower(), lower(to_columns)))
    return Catalog(tuple(tables), name=folder.name), truth


def load_duckdb(path: Path, con: duckdb.DuckDBPyConnection) -> tuple[Catalog, Truth]:
    import yaml

    con.execute(f"ATTACH '{path}' AS src (READ_ONLY)")
    con.execute("USE src")
    model = yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8"))["semantic_model"][0]
    truth = Truth()
    for d in model["datasets"]:
        if d.get("primary_key"):
            truth.primary_keys[d["source"].lower()] = lower(d["primary_key"])
    for r in model.get("relationships", []):
        edge = (r["from"].lower(), lower(r["from_columns"]), r["to"].lower(), lower(r["to_columns"]))
        truth.relationships.add(edge)
    names = [r[0] for r in con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name='src'").fetchall()]
    tables = []
    for name in names:
        columns = tuple(Column(r[0], r[1]) for r in con.execute(f"DESCRIBE {quote(name)}").fetchall())
        rows = con.execute(f"SELECT count(*) FROM {quote(name)}").fetchone()[0]
        tables.append(Table(name, columns, rows=rows))
    return Catalog(tuple(tables), name=path.stem), truth


def profile(table: Table, con: duckdb.DuckDBPyConnection, *, value_limit: int = 5_000) -> TableProfile:
    out = []
    source = f"(SELECT * FROM {quote(table.name)} LIMIT 100000)"
    for c in table.columns:
        q = quote(c.name)
        text = c.type.upper() == "VARCHAR"
        ordered = text or c.type.upper().split("(")[0] in (
            "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL", "DATE", "TIMESTAMP",
        )  # fmt: skip
        bounds = f"min({q}), max({q})" if ordered else "NULL, NULL"
        length = f"avg(length({q}))" if text else "0"
        n, filled, distinct, low, high, mean = con.execute(
            f"SELECT count(*), count({q}), count(DISTINCT {q}), {bounds}, {length} FROM {source}"
        ).fetchone()
        values: tuple[str, ...] = ()
        if text:
            found = con.execute(
                f"SELECT {q} FROM {source} WHERE {q} IS NOT NULL GROUP BY 1"
                f" ORDER BY count(*) DESC, 1 LIMIT {value_limit}"
            ).fetchall()
            values = tuple(r[0] for r in found)
        low, high = (b if isinstance(b, int | float | str | None) else _plain(b) for b in (low, high))
        out.append(
            ColumnProfile(
                c.name, n, n - filled, distinct, filled > 0 and distinct == filled, low, high, values,
                values_complete=text and distinct <= value_limit, mean_length=mean or 0.0,
            )
        )  # fmt: skip
    return TableProfile(table.name, tuple(out))


def _plain(value: object) -> str | float:
    return float(value) if value.__class__.__name__ == "Decimal" else str(value)


def checks(con: duckdb.DuckDBPyConnection):
    def contains(table: str, column: str, to_table: str, to_column: str) -> float:
        a, b = quote(column), quote(to_column)
        row = con.execute(
            f"SELECT avg(CASE WHEN v IN (SELECT {b} FROM {quote(to_table)}) THEN 1 ELSE 0 END) "
            f"FROM (SELECT DISTINCT {a} AS v FROM {quote(table)} WHERE {a} IS NOT NULL)"
        ).fetchone()
        return row[0] or 0.0

    def unique(table: str, columns: tuple[str, ...]) -> bool:
        names = ", ".join(map(quote, columns))
        return not con.execute(f"SELECT 1 FROM {quote(table)} GROUP BY {names} HAVING count(*) > 1 LIMIT 1").fetchall()

    return contains, unique


def implied(edge: Edge, truth: set[Edge]) -> bool:
    """Follows from two declared references, or from two that point to the same key."""
    table, columns, to, to_columns = edge
    via = {(e[2], e[3]) for e in truth if (e[0], e[1]) == (table, columns)}
    back = {(e[2], e[3]) for e in truth if (e[0], e[1]) == (to, to_columns)}
    return bool(via & back) or any((e[0], e[1]) in via and (e[2], e[3]) == (to, to_columns) for e in truth)


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("shared", type=Path)
    args.add_argument("--verify", action="store_true")
    args.add_argument("--failures", action="store_true")
    args.add_argument("--show")
    options = args.parse_args()
    folders = sorted(p.parent for p in options.shared.glob("nl2sql/*/databases/*/schema.json"))
    files = sorted(options.shared.glob("bi/databases/*.duckdb"))
    totals: dict[str, Counter[str]] = {}
    seconds = 0.0
    for path in [*folders, *files]:
        group = path.parts[-3] if path.is_dir() else "bi"
        con = duckdb.connect()
        catalog, truth = load_parquet(path, con) if path.is_dir() else load_duckdb(path, con)
        profiles = {t.name: profile(t, con) for t in catalog.tables}
        contains, unique = checks(con) if options.verify else (None, None)
        start = time.perf_counter()
        model = draft_model(catalog, profiles, contains=contains, unique=unique)
        seconds += time.perf_counter() - start
        drafted = {
            (r.from_dataset.lower(), lower(r.from_columns), r.to_dataset.lower(), lower(r.to_columns)): r
            for r in model.relationships
        }
        count = totals.setdefault(group, Counter())
        right = set(drafted) & truth.relationships
        wrong = set(drafted) - right
        follow = {e for e in wrong if implied(e, truth.relationships)}
        missed = truth.relationships - right
        count.update(drafted=len(drafted), right=len(right), implied=len(follow), declared=len(truth.relationships))
        if truth.relationships:
            count.update(keyed_drafted=len(drafted), keyed_right=len(right), keyed_implied=len(follow))
        keys = {d.name.lower(): tuple(c.lower() for c in d.primary_key) for d in model.datasets if d.primary_key}
        single = {t: k for t, k in truth.primary_keys.items() if len(k) == 1}
        good = sum(set(keys.get(t, ())) == set(k) for t, k in truth.primary_keys.items())
        comparable = {t for t in keys if t in truth.primary_keys}
        count.update(
            pk_declared=len(truth.primary_keys), pk_single=len(single), pk_right=good, pk_given=len(comparable)
        )
        if options.failures:
            for e in sorted(wrong - follow):
                print(f"{path.stem}: + {e[0]}.{e[1]} -> {e[2]}.{e[3]}  {drafted[e].guess}")
            for e in sorted(missed):
                print(f"{path.stem}: - {e[0]}.{e[1]} -> {e[2]}.{e[3]}")
            for t in sorted(truth.primary_keys):
                if set(keys.get(t, ())) != set(truth.primary_keys[t]):
                    print(f"{path.stem}: pk {t} {truth.primary_keys[t]} drafted {keys.get(t)}")
        if options.show and options.show.endswith(path.stem):
            for d in model.datasets:
                print(d.name, d.primary_key, "time:", d.default_time, "display:", d.display, "|", d.label)
                for f in d.fields:
                    print("   ", f.name, "|", f.label, f.kind, f.additivity, f.unit, f.format, f.time_format,
                          f.default_aggregate, f.sensitivity)  # fmt: skip
        con.close()
    for group, c in totals.items():
        exact = c["keyed_right"] / max(1, c["keyed_drafted"])
        fair = (c["keyed_right"] + c["keyed_implied"]) / max(1, c["keyed_drafted"])
        print(
            f"{group}: relationships precision {exact:.3f} (with implied {fair:.3f}), recall"
            f" {c['right'] / max(1, c['declared']):.3f} of {c['declared']};"
            f" drafted {c['drafted']}, in databases with declared ones {c['keyed_drafted']};"
            f" primary keys precision {c['pk_right'] / max(1, c['pk_given']):.3f},"
            f" recall {c['pk_right'] / max(1, c['pk_declared']):.3f} of {c['pk_declared']} ({c['pk_single']} single)"
        )
    print(f"drafting took {seconds:.2f} s for {len(folders) + len(files)} databases")


if __name__ == "__main__":
    main()
