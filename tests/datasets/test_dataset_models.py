"""The semantic models say only things that the data hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from sqlglot import exp

Row = dict[str, Any]
KINDS = {"key", "time", "measure", "category", "text", "flag", "number", "other"}
FORMATS = {"number", "currency", "percent", "integer", "date", "text"}
DUCKDB_TYPES = {
    "String": "VARCHAR", "Integer": "INTEGER BIGINT", "Decimal": "DECIMAL", "Float": "DOUBLE", "Boolean": "BOOLEAN",
    "Date": "DATE", "DateTime": "TIMESTAMP",
}  # fmt: skip


def load(folder: Path) -> Row:
    (model,) = yaml.safe_load((folder / "model.yaml").read_text("utf-8"))["semantic_model"]
    return model


def extension(thing: Row) -> Row:
    return next(
        (json.loads(e["data"]) for e in thing.get("custom_extensions", ()) if e["vendor_name"] == "BI_CHAT"), {}
    )


def formula(thing: Row) -> str:
    return thing["expression"]["dialects"][0]["expression"]


def columns_of(model: Row) -> dict[str, set[str]]:
    return {d["name"]: {f["name"] for f in d["fields"]} for d in model["datasets"]}


def test_every_table_and_column_is_described_with_its_type(data_set) -> None:
    folder, con = data_set
    model = load(folder)
    assert {d["name"] for d in model["datasets"]} == {f.stem for f in folder.glob("*.parquet")}
    for dataset in model["datasets"]:
        physical = dict(con.sql(f'SELECT column_name, column_type FROM (DESCRIBE "{dataset["source"]}")').fetchall())
        assert [f["name"] for f in dataset["fields"]] == list(physical)
        for field in dataset["fields"]:
            assert physical[field["name"]].split("(")[0] in DUCKDB_TYPES[field["datatype"]].split(), field["name"]


def test_extensions_are_well_formed(data_set) -> None:
    folder, _ = data_set
    model = load(folder)
    columns = columns_of(model)
    for dataset in model["datasets"]:
        own = extension(dataset)
        assert own["label"]
        assert own.get("display", dataset["fields"][0]["name"]) in columns[dataset["name"]]
        if "default_time" in own:
            table, _, column = own["default_time"].rpartition(".")
            assert column in columns[table or dataset["name"]]
        for field in dataset["fields"]:
            said = extension(field)
            assert said["kind"] in KINDS
            assert said.get("format", "text") in FORMATS
            assert said.get("additivity", "additive") in {"additive", "semi", "none"}
    for metric in model["metrics"]:
        said = extension(metric)
        assert said["label"] and metric["description"]
        if "time" in said:
            table, column = said["time"].split(".")
            assert column in columns[table]


def test_value_synonyms_stand_for_values_that_exist(data_set) -> None:
    folder, con = data_set
    for dataset in load(folder)["datasets"]:
        for field in dataset["fields"]:
            known = {v for (v,) in con.sql(f'SELECT DISTINCT "{field["name"]}" FROM "{dataset["name"]}"').fetchall()}
            spoken = extension(field).get("value_synonyms", {})
            assert set(spoken) <= known, (dataset["name"], field["name"])


def test_keys_are_unique_and_references_lead_somewhere(data_set) -> None:
    folder, con = data_set
    model = load(folder)
    for dataset in model["datasets"]:
        if keys := ", ".join(dataset.get("primary_key", ())):
            twice = con.sql(
                f"SELECT count(*) FROM (SELECT {keys} FROM {dataset['name']} GROUP BY ALL HAVING count(*) > 1)"
            )
            assert twice.fetchall() == [(0,)], dataset["name"]
    for r in model["relationships"]:
        (start,), (end,) = r["from_columns"], r["to_columns"]
        lost = con.sql(
            f'SELECT count(*) FROM "{r["from"]}" '
            f'WHERE {start} IS NOT NULL AND {start} NOT IN (SELECT {end} FROM "{r["to"]}")'
        )
        assert lost.fetchall() == [(0,)], r["name"]


def test_two_paths_between_tables_have_different_roles(data_set) -> None:
    folder, _ = data_set
    pairs: dict[tuple[str, str], list[str | None]] = {}
    for r in load(folder)["relationships"]:
        pairs.setdefault((r["from"], r["to"]), []).append(extension(r).get("role"))
    for roles in pairs.values():
        assert len(roles) == 1 or (None not in roles and len(set(roles)) == len(roles))


def test_metrics_use_only_columns_that_exist_and_compute(data_set) -> None:
    folder, con = data_set
    model = load(folder)
    columns = columns_of(model)
    for metric in model["metrics"]:
        used = list(sqlglot.parse_one(formula(metric), dialect="duckdb").find_all(exp.Column))
        for column in used:
            assert column.name in columns[column.table], metric["name"]
        tables = {column.table for column in used}
        if len(tables) == 1:
            value = con.sql(f"SELECT {formula(metric)} FROM {tables.pop()}").fetchall()[0][0]
            assert value > 0, metric["name"]


@pytest.mark.parametrize("kind", ["metrics", "datasets"])
def test_everything_important_has_english_and_chinese_names(data_set, kind: str) -> None:
    folder, _ = data_set
    for thing in load(folder)[kind]:
        synonyms = thing["ai_context"]["synonyms"]
        assert any(s.isascii() for s in synonyms), thing["name"]
        assert any("一" <= s[0] <= "龥" for s in synonyms), thing["name"]


def test_no_metric_shares_a_name_with_another(data_set) -> None:
    folder, _ = data_set
    spoken: dict[str, str] = {}
    for metric in load(folder)["metrics"]:
        for name in {metric["name"].replace("_", " "), *metric["ai_context"]["synonyms"]}:
            assert spoken.setdefault(name.lower(), metric["name"]) == metric["name"], name
