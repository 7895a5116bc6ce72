"""Edits of a model file: just that part changes."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.semantics.model import MetricDefinition
from bi_chat.semantics.ossie import load_model
from bi_chat.semantics.ossie.editing import metric_name, with_dataset, with_field, with_metric, without_metric

TEXT = """# what the library keeps
version: 0.2.0.dev0
semantic_model:
- name: library
  datasets:
  - name: loans  # one row for each loan
    source: loans
    ai_context: told by the librarian
    fields:
    - name: lent
      expression: {dialects: [{dialect: ANSI_SQL, expression: lent}]}
      datatype: Date
      custom_extensions:
      - {vendor_name: OTHER, data: '{"x": 1}'}
      - {vendor_name: BI_CHAT, data: '{"kind": "time", "guess": {"evidence": "dates", "confidence": 0.7}}'}
    - name: fee
      expression: {dialects: [{dialect: ANSI_SQL, expression: fee}]}
      datatype: Decimal
  metrics:
  - name: fees
    expression: {dialects: [{dialect: ANSI_SQL, expression: SUM(loans.fee)}]}
"""


def model(text):
    loaded = load_model(text)
    assert loaded.faults == ()
    return loaded.model


def test_a_field_s_words_change_and_all_else_stays():
    field = replace(model(TEXT).field("loans", "lent"), label="Lent on", synonyms=("borrowed", "借出"), unit="")
    text = with_field(TEXT, "loans", field)
    found = model(text).field("loans", "lent")
    assert (found.label, found.synonyms, found.kind, found.guess) == ("Lent on", ("borrowed", "借出"), "time", None)
    assert "# one row for each loan" in text and "# what the library keeps" in text and '{"x": 1}' in text
    assert model(text).field("loans", "fee") == model(TEXT).field("loans", "fee")


def test_a_dataset_s_context_in_words_is_kept_beside_its_synonyms():
    text = with_dataset(TEXT, replace(model(TEXT).dataset("loans"), label="Loans", synonyms=("borrowings",)))
    assert "told by the librarian" in text and model(text).dataset("loans").synonyms == ("borrowings",)
    assert model(text).dataset("loans").label == "Loans"


def test_a_measure_is_added_changed_and_removed():
    made = MetricDefinition("mean_fee", "AVG(loans.fee)", label="Mean fee", unit="EUR", format="currency")
    text = with_metric(TEXT, made)
    assert model(text).metric("mean_fee") == made
    assert (
        model(with_metric(text, replace(made, expression="MIN(loans.fee)")))
        .metric("mean_fee")
        .expression.startswith("MIN")
    )
    assert model(without_metric(text, "mean_fee")).metrics == model(TEXT).metrics
    assert not model(without_metric(TEXT, "fees")).metrics


def test_saving_what_is_there_changes_nothing():
    assert with_metric(TEXT, model(TEXT).metric("fees")) == TEXT
    assert with_field(TEXT, "loans", model(TEXT).field("loans", "fee")) == TEXT


def test_what_is_not_there_or_no_model_is_left_alone():
    field = model(TEXT).field("loans", "fee")
    assert with_field(TEXT, "no_such", field) == TEXT == with_field(TEXT, "loans", replace(field, name="gone"))
    assert with_metric("a: [", MetricDefinition("m", "1")) == "a: ["


def test_a_name_for_a_new_measure():
    assert metric_name(" Fees, net! ", frozenset()) == "fees_net"
    assert metric_name("Fees", frozenset({"fees", "fees_2"})) == "fees_3"
    assert metric_name("毛利", frozenset()) == "毛利" and metric_name("%", frozenset()) == "metric"
