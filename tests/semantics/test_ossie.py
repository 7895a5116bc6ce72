"""Model files: every fault with its line, nothing lost on the way back, silent places filled from the data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bi_chat.errors import ModelError
from bi_chat.semantics.ossie import dump_model, enrich, load_model, validate, write_drafted
from bi_chat.values.catalog import Catalog, Column, ColumnProfile, Table, TableProfile

SHARED = Path(__file__).parents[2].parent / "shared" / "ossie"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "ossie"
CASES = yaml.safe_load((FIXTURES / "faults.yaml").read_text(encoding="utf-8"))["cases"]
SMALL = (FIXTURES / "small.yaml").read_text(encoding="utf-8")

CATALOG = Catalog(
    (
        Table(
            "orders",
            (
                Column("order_id", "BIGINT"),
                Column("store_id", "BIGINT"),
                Column("ordered", "VARCHAR"),
                Column("amount_eur", "DECIMAL(10,2)"),
                Column("tip", "DOUBLE"),
            ),
            rows=4,
        ),
        Table("shops", (Column("store_id", "BIGINT"), Column("name", "VARCHAR"), Column("open", "VARCHAR")), rows=2),
    )
)
PROFILES = {
    "orders": TableProfile(
        "orders",
        (
            ColumnProfile("order_id", 4, 0, 4, True, 1, 4),
            ColumnProfile("store_id", 4, 0, 2, False, 1, 2),
            ColumnProfile("ordered", 4, 0, 2, False, "20240131", "20240201", ("20240131", "20240201"), True, 8),
            ColumnProfile("amount_eur", 4, 1, 3, False, 1.5, 9.5),
            ColumnProfile("tip", 4, 0, 3, False, 0, 2),
        ),
    ),
    "shops": TableProfile(
        "shops",
        (
            ColumnProfile("store_id", 2, 0, 2, True, 1, 2),
            ColumnProfile("name", 2, 0, 2, True, "A", "B", ("A", "B"), True, 1),
            ColumnProfile("open", 2, 0, 2, True, "N", "Y", ("N", "Y"), True, 1),
        ),
    ),
}


@pytest.mark.parametrize("case", CASES, ids=[c["title"] for c in CASES])
def test_a_fault_is_named_with_its_line_and_a_way_out(case: dict[str, str]) -> None:
    assert case["replace"] in SMALL
    text = SMALL.replace(case["replace"], case["by"], 1)
    lines = text.splitlines()
    faults = validate(text, catalog=CATALOG if case.get("catalog") else None)
    found = [f for f in faults if case["problem"] in f.problem]
    assert found, [str(f) for f in faults]
    assert case["at"] in lines[found[0].line - 1]
    assert case.get("suggestion", "") in found[0].suggestion


def test_a_sound_file_has_no_faults_with_or_without_the_database() -> None:
    assert validate(SMALL) == ()
    assert validate(SMALL, catalog=CATALOG) == ()


def test_all_faults_come_in_one_go_in_the_order_of_lines() -> None:
    text = SMALL.replace("datatype: Integer", "datatype: Int").replace("to: stores", "to: store").replace("SUM(", "(")
    faults = validate(text)
    assert len(faults) >= 3
    assert [f.line for f in faults] == sorted(f.line for f in faults)


def test_require_lists_every_fault() -> None:
    text = SMALL.replace("datatype: Integer", "datatype: Int").replace("to: stores", "to: store")
    with pytest.raises(ModelError, match=r"(?s)line \d+.*Integer.*line \d+.*stores"):
        load_model(text).require()
    assert load_model(SMALL).require().name == "shop"


def test_broken_yaml_tells_the_line() -> None:
    (fault,) = validate("version: 0.2.0.dev0\nsemantic_model:\n  - name: [a\n    datasets: b\n")
    assert fault.line in (3, 4)
    assert "YAML" in fault.problem


def test_a_missing_file_is_an_error_of_the_set_up(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="can't be read"):
        load_model(tmp_path / "none.yaml")


def test_reading_understands_the_file_and_our_extension() -> None:
    model = load_model(SMALL).model
    orders = model.dataset("Orders")
    assert orders is not None
    assert (orders.source, orders.primary_key, orders.default_time) == ("orders", ("order_id",), "ordered")
    amount = orders.field("amount")
    assert amount is not None
    assert (amount.unit, amount.kind, amount.expression) == ("EUR", "measure", '"amount_eur"')
    assert amount.synonyms == ("value",)
    assert model.relationships[0].role == "order store"
    assert model.calendar.fiscal_start_month == 4
    assert model.calendar.week_start == 7
    metric = model.metric("revenue")
    assert metric is not None
    assert metric.time == "orders.ordered"


def test_the_first_portable_dialect_is_read_and_the_others_are_kept() -> None:
    loaded = load_model(SMALL)
    store = loaded.model.field("stores", "title")
    assert store is not None
    assert store.expression == "UPPER(name)"
    assert "SNOWFLAKE" in dump_model(loaded)


def test_writing_back_an_untouched_file_gives_the_very_text() -> None:
    assert dump_model(load_model(SMALL)) == SMALL


def test_a_change_keeps_comments_order_and_foreign_extensions() -> None:
    loaded = load_model(SMALL)
    loaded.document.root["semantic_model"][0]["datasets"][0]["description"] = "All orders"  # type: ignore[index]
    text = dump_model(loaded)
    assert "# the many side" in text
    assert "description: All orders" in text
    foreign = [e for e in yaml.safe_load(text)["semantic_model"][0]["custom_extensions"] if e["vendor_name"] == "ACME"]
    assert json.loads(foreign[0]["data"]) == {"secret": [1, 2]}
    assert text.index("name: orders") < text.index("name: stores")
    changed = set(text.splitlines()) ^ set(SMALL.splitlines())
    assert changed == {"        description: All orders", "        description: Orders placed in a shop"}


def test_version_0_1_1_is_upgraded() -> None:
    loaded = load_model(SMALL.replace("0.2.0.dev0", '"0.1.1"'))
    assert loaded.faults == ()
    text = dump_model(loaded)
    assert yaml.safe_load(text)["version"] == "0.2.0.dev0"
    assert "# the many side" in text
    assert load_model(text).model == load_model(SMALL).model


def test_a_written_model_reads_back_equal() -> None:
    model = load_model(SMALL).model
    again = load_model(write_drafted(model))
    assert again.faults == ()
    assert again.model == model


def test_several_models_in_a_file_are_chosen_by_name() -> None:
    body = yaml.safe_load(SMALL)
    body["semantic_model"].append({"name": "other", "datasets": [{"name": "d", "source": "t"}]})
    text = yaml.safe_dump(body)
    assert load_model(text).model.name == "shop"
    assert load_model(text, name="Other").model.name == "other"
    assert any("no model others" in f.problem for f in validate(text, name="others"))


def test_enrich_fills_what_the_file_leaves_open_and_nothing_else() -> None:
    model = enrich(load_model(SMALL).model, CATALOG, PROFILES)
    orders, stores = model.dataset("orders"), model.dataset("stores")
    assert orders is not None and stores is not None
    assert (orders.rows, stores.display) == (4, "title_plain")
    ordered, amount, tip = orders.field("ordered"), orders.field("amount"), orders.field("tip")
    assert ordered is not None and amount is not None and tip is not None
    assert (ordered.kind, ordered.time_format) == ("time", "%Y%m%d")
    assert (amount.unit, amount.low, amount.high, amount.nulls) == ("EUR", 1.5, 9.5, True)
    assert tip.kind == "measure", "a metric of the file sums it"
    opened = stores.field("open")
    assert opened is not None
    assert (opened.kind, opened.values) == ("flag", ("N", "Y"))
    assert model.relationships == load_model(SMALL).model.relationships


def test_enrich_adds_keys_and_relationships_only_to_a_file_that_states_none() -> None:
    body = yaml.safe_load(SMALL)["semantic_model"][0]
    for dataset in body["datasets"]:
        dataset.pop("primary_key", None)
    body.pop("relationships")
    bare = load_model(yaml.safe_dump({"version": "0.2.0.dev0", "semantic_model": [body]})).model
    model = enrich(bare, CATALOG, PROFILES)
    orders = model.dataset("orders")
    assert orders is not None
    assert orders.primary_key == ("order_id",)
    assert [(r.from_dataset, r.to_dataset, r.guess is not None) for r in model.relationships] == [
        ("orders", "stores", True)
    ]


@pytest.mark.skipif(not SHARED.exists(), reason="the public Ossie examples are not beside this clone")
@pytest.mark.parametrize("name", ["tpcds_semantic_model.yaml", "tpcds_0.1.1.yaml"])
def test_the_public_examples_are_read_without_faults_and_kept(name: str) -> None:
    loaded = load_model(SHARED / name)
    assert loaded.faults == ()
    assert len(loaded.model.datasets) == 5
    text = dump_model(loaded)
    before, after = (yaml.safe_load(t) for t in ((SHARED / name).read_text(encoding="utf-8"), text))
    assert after.pop("version") == "0.2.0.dev0"
    before.pop("version")
    assert before == after
    assert text.count("#") == (SHARED / name).read_text(encoding="utf-8").count("#")
