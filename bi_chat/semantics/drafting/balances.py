"""In: a drafted model. Out: the same with metrics of rows that are valid for a while: recurring fees, seats, live rows.

Example: a subscription has a start, an end that is empty while it lasts, and a monthly fee. Difficulty: summed over
all rows ever written, the fees of years ago count as much as today's. Rule: where a table has one start and one end
date and ends are missing, its recurring amounts are balances of the rows valid on a day, and so is their number.
"""

from __future__ import annotations

from dataclasses import replace

from bi_chat.semantics.model import Dataset, Field, Guess, MetricDefinition, SemanticModel
from bi_chat.semantics.naming import split, words
from bi_chat.semantics.vocabulary import is_chinese

STARTS = frozenset("start started begin began effective from activated activation 开始 起始 生效 开通 启用".split())
ENDS = frozenset(
    "end ended until expiry expires expired expiration termination terminated to cancelled canceled "
    "结束 终止 失效 到期 截止 停用".split()
)
RECURRING = frozenset(
    "mrr arr recurring monthly seat seats salary salaries wage wages rent headcount licence licences license licenses "
    "月费 月租 租金 工资 薪资 月薪 席位 座位 订阅费 年费".split()
)
SYNONYMS = {
    "mrr": ("monthly recurring revenue", "recurring revenue", "月度经常性收入"),
    "arr": ("annual recurring revenue",),
}


def with_balances(model: SemanticModel) -> SemanticModel:
    """The model with a metric for each recurring amount of rows that begin and end, and for the rows themselves."""
    found: list[MetricDefinition] = []
    taken = {m.name.lower() for m in model.metrics}
    for dataset in model.datasets:
        span = life_span(dataset)
        recurring = [f for f in dataset.fields if _is_recurring(f)] if span is not None else []
        if span is None or not recurring:
            continue
        drafted = [*(_balance(dataset, f, span) for f in recurring), *_yearly(dataset, recurring, span)]
        drafted += [_live_rows(dataset, span)] if len(dataset.primary_key) == 1 else []
        found += [m for m in drafted if m.name.lower() not in taken]
    return replace(model, metrics=(*model.metrics, *found))


def life_span(dataset: Dataset) -> tuple[str, str] | None:
    """The fields from when to when a row is valid: one says start, one says end and is missing in some rows."""
    times = [f for f in dataset.fields if f.is_time]
    starts = [f for f in times if STARTS & set(_said(f))]
    ends = [f for f in times if ENDS & set(_said(f)) and f not in starts]
    if len(starts) != 1 or len(ends) != 1 or not ends[0].nulls:
        return None
    return f"{dataset.name}.{starts[0].name}", f"{dataset.name}.{ends[0].name}"


def _said(field: Field) -> tuple[str, ...]:
    return (*split(field.name), *words(field.name))


def _is_recurring(field: Field) -> bool:
    if field.datatype not in ("Integer", "Decimal", "Float") or field.kind not in ("measure", "number"):
        return False
    return bool(RECURRING & set(_said(field))) or any(not w.isascii() and w in field.name for w in RECURRING)


def _balance(dataset: Dataset, field: Field, span: tuple[str, str]) -> MetricDefinition:
    """The amount of all rows valid on a day."""
    name = (field.label or field.name).lower() if not is_chinese(field.name) else field.name
    evidence = f"{dataset.name} rows begin and end, and {field.name} recurs while they last"
    return MetricDefinition(
        name,
        f"SUM({_column(dataset, field.name)})",
        name.upper() if name in SYNONYMS else name,
        f"{field.label or field.name} of the rows valid on a day",
        (*field.synonyms, *SYNONYMS.get(name, ())),
        as_of=span,
        unit=field.unit,
        format=field.format,
        additivity="semi",
        guess=Guess(evidence, 0.7),
    )


def _yearly(dataset: Dataset, recurring: list[Field], span: tuple[str, str]) -> list[MetricDefinition]:
    """ARR is twelve times MRR, where only that is known."""
    names = {f.name.lower(): f for f in recurring}
    if "mrr" not in names or "arr" in names:
        return []
    monthly = _balance(dataset, names["mrr"], span)
    yearly = replace(
        monthly, name="arr", label="ARR", synonyms=SYNONYMS["arr"], expression=f"12 * {monthly.expression}"
    )
    return [replace(yearly, description="twelve times the MRR of the rows valid on a day")]


def _live_rows(dataset: Dataset, span: tuple[str, str]) -> MetricDefinition:
    """How many rows are valid on a day: "active leases"."""
    said = dataset.label or dataset.name
    name = f"有效{said}" if is_chinese(said) else f"active {said}"
    also = (f"生效{said}", f"在用{said}") if is_chinese(said) else (f"current {said}", f"live {said}")
    key = dataset.primary_key[0]
    return MetricDefinition(
        name,
        f"COUNT({_column(dataset, key)})",
        name,
        f"rows of {said} valid on a day",
        also,
        as_of=span,
        format="integer",
        additivity="semi",
        guess=Guess(f"{dataset.name} rows begin and end", 0.7),
    )


def _column(dataset: Dataset, field: str) -> str:
    return ".".join('"' + n.replace('"', '""') + '"' for n in (dataset.name, field))
