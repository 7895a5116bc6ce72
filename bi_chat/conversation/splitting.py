"""In: drivers of a change, and a way to run plans. Out: the change split by price and volume, and by customers."""

from __future__ import annotations

from datetime import date

from bi_chat.analysis.splits import Sold, by_customers, price_volume
from bi_chat.conversation.panels import Wanted, unit_fields
from bi_chat.conversation.parts import parts_of
from bi_chat.conversation.pricing import paid_for
from bi_chat.conversation.segments import Run
from bi_chat.language.display import as_number
from bi_chat.semantics.model import Dataset, SemanticModel
from bi_chat.semantics.naming import words
from bi_chat.sql.joins import describe_paths, reachable
from bi_chat.values.analyses import Why
from bi_chat.values.drivers import Drivers, Split
from bi_chat.values.issue import Issue
from bi_chat.values.period import Days
from bi_chat.values.plan import Comparison, Dimension, FieldRef, Measured, Plan, Window
from bi_chat.values.result import Cell

CUSTOMERS = frozenset("customer customers client clients buyer buyers shopper shoppers guest guests member".split())
CUSTOMERS_ZH = ("客户", "顾客", "会员", "买家")


def splits(found: Drivers, plan: Plan, model: SemanticModel, run: Run, asked_on: date) -> tuple[Split, ...]:
    """What can be said; each split adds up to the change of a plain sum between two periods."""
    parts = parts_of(plan.measures[0].of, model)
    if not isinstance(plan.analysis, Why) or found.inside or found.kind != "sum" or parts is None or not found.change:
        return ()
    if len(parts.homes) != 1 or found.window.start is None or found.baseline.start is None:
        return ()
    made = (_by_price(found, plan, model, run, asked_on), _by_customers(found, plan, model, run, parts.homes[0]))
    return tuple(s for s in made if s is not None)


def _by_price(found: Drivers, plan: Plan, model: SemanticModel, run: Run, asked_on: date) -> Split | None:
    outcome = plan.measures[0].of
    pieces = paid_for(outcome, model)
    parts = parts_of(outcome, model)
    if pieces is None or parts is None:
        return None
    field = plan.window.field if plan.window else None
    wanted = Wanted((pieces, outcome), plan.where, model, run, asked_on, field)
    fields = tuple(f for f in unit_fields(wanted, parts.homes, (1, 0)) if _names_a_row(f.ref, model))
    rows = _both(found, plan, (Measured(pieces), Measured(outcome)), tuple(f.ref for f in fields), (model, run))
    if rows is None:
        return None
    sold = [Sold((r[1], r[0]), (r[3], r[2])) for _, r in rows]
    return _checked(Split("price_volume", price_volume(sold), tuple(f.label for f in fields)), found)


def _by_customers(found: Drivers, plan: Plan, model: SemanticModel, run: Run, home: str) -> Split | None:
    people = next((d for d in model.datasets if d.name in reachable(model, home) and _is_customers(d)), None)
    if people is None or people.name == home or len(people.primary_key) != 1:
        return None
    ways = describe_paths(model, home, people.name)
    if len(ways) > 1:
        return None
    key = FieldRef(people.name, people.primary_key[0])
    rows = _both(found, plan, plan.measures[:1], (key,), (model, run))
    if rows is None:
        return None
    amounts = [(group[0] is not None, r[1], r[0]) for group, r in rows]
    counts = (
        sum(k and b == 0 and a != 0 for k, b, a in amounts),
        sum(k and a == 0 and b != 0 for k, b, a in amounts),
        sum(k and a != 0 and b != 0 for k, b, a in amounts),
    )
    return _checked(Split("customers", by_customers(amounts), (people.label or people.name,), counts), found)


def _checked(made: Split, found: Drivers) -> Split | None:
    """A split that does not make up the change is not told."""
    return made if abs(made.total - found.change) <= 1e-6 * max(1.0, abs(found.change)) else None


def _both(
    found: Drivers,
    plan: Plan,
    measures: tuple[Measured, ...],
    fields: tuple[FieldRef, ...],
    world: tuple[SemanticModel, Run],
) -> list[tuple[tuple[Cell, ...], list[float]]] | None:
    """Groups with each measure after and before."""
    model, run = world
    window = Window(Days(found.window.start, found.window.end), plan.window.field if plan.window else None)
    baseline = Comparison(Days(found.baseline.start, found.baseline.end))
    dimensions = tuple(Dimension(f) for f in fields)
    result = run(Plan(measures, dimensions, where=plan.where, window=window, comparison=baseline), model)
    if isinstance(result, Issue) or result.cut_at is not None:
        return None
    at = [i for i, c in enumerate(result.columns) if c.role in ("measure", "baseline")]
    return [(row[: len(fields)], [float(as_number(row[i]) or 0.0) for i in at]) for row in result.rows]


def _names_a_row(ref: FieldRef, model: SemanticModel) -> bool:
    """Whether a field names things of their own, as products: what else tells prices apart is no product."""
    dataset = model.dataset(ref.dataset)
    return dataset is not None and dataset.display == ref.field


def _is_customers(dataset: Dataset) -> bool:
    said = " ".join((dataset.name, dataset.label, *dataset.synonyms))
    return bool(CUSTOMERS & set(words(said))) or any(w in said for w in CUSTOMERS_ZH)
