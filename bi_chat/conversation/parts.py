"""In: a measure. Out: how its change can be split over segments: an amount and its rows, or numerator and denominator.

Example: average order value, SUM(amount) / COUNT(DISTINCT order). Difficulty: averages of segments don't add up, their
numerators and denominators do. Rule: ask for the two parts as metrics of their own, through the same compiler and
guard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bi_chat.semantics.model import MetricDefinition, SemanticModel
from bi_chat.sql.expressions import ExpressionFault, parse_metric
from bi_chat.sql.joins import time_ref
from bi_chat.values.plan import Aggregate, Arithmetic, Constant, Fn, IsNull, Measure, Metric, Nested

TOP, WEIGHT = "@top", "@weight"


@dataclass(frozen=True, slots=True)
class Parts:
    """`kind`: sum, ratio or typical (median and the like: the top is the measure itself, the weight its rows).

    `model` knows the metrics that `top` and `weight` name. `homes` are the datasets that they are counted on.
    """

    kind: str
    top: Measure
    weight: Measure
    homes: tuple[str, ...]
    model: SemanticModel


def parts_of(measure: Measure, model: SemanticModel) -> Parts | None:
    """The parts of a measure; None where its change can't be split (a correlation, say)."""
    homes = tuple(dict.fromkeys(homes_of(measure, model)))
    if not homes:
        return None
    match measure:
        case Metric(name):
            return _of_metric(name, homes, model)
        case Arithmetic("/", left, right) if not isinstance(right, Constant):
            return Parts("ratio", left, right, homes, model)
        case Aggregate(Fn.AVG, dataset, of) if of is not None:
            sums = replace(measure, function=Fn.SUM)
            known = (*measure.where, IsNull(of, negated=True))
            return Parts("ratio", sums, Aggregate(Fn.COUNT, dataset, None, where=known), homes, model)
        case Aggregate():
            rows = Aggregate(Fn.COUNT, measure.dataset, where=measure.where)
            adds = measure.function in (Fn.SUM, Fn.COUNT)
            return (
                None
                if measure.function is Fn.CORRELATION
                else Parts("sum" if adds else "typical", measure, rows, homes, model)
            )
        case Arithmetic():
            return Parts("sum", measure, Aggregate(Fn.COUNT, homes[0]), homes, model)
    return Parts("typical", measure, Aggregate(Fn.COUNT, homes[0]), homes, model)


def homes_of(measure: Measure, model: SemanticModel) -> Iterator[str]:
    """The datasets whose rows a measure is made of."""
    match measure:
        case Aggregate():
            yield measure.dataset
        case Arithmetic():
            yield from homes_of(measure.left, model)
            yield from homes_of(measure.right, model)
        case Nested():
            yield from homes_of(measure.inner, model)
        case Metric(name) if (found := model.metric(name)) is not None:
            yield from _metric_homes(found, model)


def _metric_homes(metric: MetricDefinition, model: SemanticModel) -> Iterator[str]:
    """Datasets that a metric's aggregates read, and those of the metrics it is made of."""
    try:
        parsed = parse_metric(metric.expression)
    except ExpressionFault:
        return
    for column in (c for a in parsed.aggregates for c in a.columns):
        found = model.dataset(column.dataset) if column.dataset else None
        inner = model.metric(column.field) if not column.dataset else None
        if found is not None:
            yield found.name
        elif inner is not None and inner.name != metric.name:
            yield from _metric_homes(inner, model)
        else:
            yield from (d.name for d in model.datasets if d.field(column.field) and not column.dataset)
    if not any(a.columns for a in parsed.aggregates) and (time := time_ref(model, metric.time, "")):
        yield time.dataset


# ------------------------------------------------------------------ metrics, by their text
def _of_metric(name: str, homes: tuple[str, ...], model: SemanticModel) -> Parts | None:
    metric = model.metric(name)
    if metric is None:
        return None
    tree = _parsed(metric.expression)
    divided = _division(tree) if tree is not None else None
    if divided is not None:
        return _known(metric, "ratio", divided[0].sql("duckdb"), divided[1].sql("duckdb"), homes, model)
    if tree is not None and isinstance(_aggregate(tree), exp.Avg):
        return _average(metric, tree, homes, model)
    rows = f"COUNT(*) FILTER (WHERE {_always(homes[0], model)})"
    additive = parse_metric(metric.expression).additive or isinstance(_aggregate(tree), exp.Count)
    return _known(metric, "sum" if additive else "typical", metric.expression, rows, homes, model)


def _parsed(text: str) -> exp.Expr | None:
    try:
        return sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError:
        return None


def _aggregate(tree: exp.Expr | None) -> exp.Expr | None:
    return tree.this if isinstance(tree, exp.Filter) else tree


def _division(tree: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Numerator and denominator of the outermost division by something aggregated;
    a constant factor joins the numerator."""
    match tree:
        case exp.Paren() | exp.Cast() | exp.Round() | exp.Coalesce():
            return _division(tree.this)
        case exp.Div() if tree.expression.find(exp.Column, exp.AggFunc):
            bottom = tree.expression
            return tree.this, bottom.this if isinstance(bottom, exp.Nullif) else bottom
        case exp.Mul():
            for inner, factor in ((tree.this, tree.expression), (tree.expression, tree.this)):
                found = _division(inner) if not factor.find(exp.Column, exp.AggFunc) else None
                if found is not None:
                    return exp.Mul(this=exp.Paren(this=found[0].copy()), expression=factor.copy()), found[1]
    return None


def _average(metric: MetricDefinition, tree: exp.Expr, homes: tuple[str, ...], model: SemanticModel) -> Parts | None:
    """AVG(x) as SUM(x) / COUNT(x), each under the same filter."""
    texts = []
    for made in (exp.Sum, exp.Count):
        copy = tree.copy()
        inner = _aggregate(copy)
        assert inner is not None
        changed = made(this=inner.this.copy())
        if copy is inner:
            copy = changed
        else:
            inner.replace(changed)
        texts.append(copy.sql("duckdb"))
    return _known(metric, "ratio", texts[0], texts[1], homes, model)


def _always(home: str, model: SemanticModel) -> str:
    """A condition that is true for every row and names a column: it ties COUNT(*) to its dataset."""
    dataset = model.dataset(home)
    field = dataset.fields[0].name if dataset and dataset.fields else ""
    column = exp.column(exp.to_identifier(field, quoted=True), table=exp.to_identifier(home, quoted=True)).sql("duckdb")
    return f"{column} IS NULL OR NOT {column} IS NULL"


def _known(
    metric: MetricDefinition, kind: str, top: str, weight: str, homes: tuple[str, ...], model: SemanticModel
) -> Parts | None:
    """Parts whose metrics are added to the model under names that nobody types; they keep the metric's time."""
    texts = [_tied(t, homes[0], model) for t in (top, weight)]
    made = (
        replace(metric, name=TOP, expression=texts[0], synonyms=()),
        replace(metric, name=WEIGHT, expression=texts[1], synonyms=(), unit="", format="", additivity="additive"),
    )
    try:
        for part in made:
            parse_metric(part.expression)
    except ExpressionFault:
        return None
    kept = tuple(m for m in model.metrics if m.name not in (TOP, WEIGHT))
    return Parts(kind, Metric(TOP), Metric(WEIGHT), homes, replace(model, metrics=(*kept, *made), _index={}))


def _tied(text: str, home: str, model: SemanticModel) -> str:
    """The text with bare COUNT(*) tied to the home's rows: by itself it would not say whose rows it counts."""
    tree = _parsed(text)
    if tree is None or tree.find(exp.Column):
        return text
    counted = exp.Filter(
        this=exp.Count(this=exp.Star(), big_int=True),
        expression=exp.Where(this=sqlglot.parse_one(_always(home, model), dialect="duckdb")),
    )
    if isinstance(tree, exp.Count):
        return counted.sql("duckdb")
    for count in list(tree.find_all(exp.Count)):
        count.replace(counted.copy())
    return tree.sql("duckdb")
