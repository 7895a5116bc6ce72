"""In: an outcome and a lever. Out: whether the lever is what is paid for a piece, and what to count for it.

Example: "what if the price goes up 5 %" over order lines. Difficulty: a price has many columns (list price, price of a
line, price less discount) and what is paid on average also follows from what is bought. Rule: revenue over quantity, in
each cell of a panel of products; told by numbers, not by names: the lever lies near revenue over quantity, or revenue
and the discount make up quantity times price.
"""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.conversation.parts import parts_of
from bi_chat.conversation.segments import Run
from bi_chat.language.display import as_number
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.sql.joins import reachable
from bi_chat.values.issue import Issue
from bi_chat.values.plan import (
    Aggregate,
    Arithmetic,
    Condition,
    FieldRef,
    Fn,
    Measure,
    Measured,
    Metric,
    Operation,
    Plan,
)

_NEAR = (0.4, 2.5)  # a mean of prices over what is paid for a piece
_EXACT = 0.02


@dataclass(frozen=True, slots=True)
class Pricing:
    """`role`: the outcome is revenue, quantity or margin. `discount` is what was taken off, where that is the lever."""

    role: str
    revenue: Measure
    quantity: Measure
    discount: Measure | None = None


def pricing_of(
    outcome: Measure, lever: Measure, where: tuple[Condition, ...], model: SemanticModel, run: Run
) -> Pricing | None:
    """What to count for a price; None where the lever is none of this outcome's."""
    parts, levers = parts_of(outcome, model), parts_of(lever, model)
    homes = parts.homes if parts is not None else ()
    home = model.dataset(homes[0]) if len(homes) == 1 else None
    if home is None or levers is None or not _is_money(lever, model):
        return None
    if not set(levers.homes) <= set(reachable(model, home.name)):
        return None  # somebody else's price
    pieces = _quantity(home)
    if pieces is None:
        return None
    for money in _moneys(home):
        found = _fits(outcome, lever, (money, pieces), where, (home, model, run))
        if found is not None:
            return found
    return None


def paid_for(outcome: Measure, model: SemanticModel) -> Measure | None:
    """The pieces that an amount of money is paid for, counted in the same rows; None where there are none."""
    parts = parts_of(outcome, model)
    home = model.dataset(parts.homes[0]) if parts is not None and len(parts.homes) == 1 else None
    pieces = _quantity(home) if home is not None else None
    metric = model.metric(outcome.name) if isinstance(outcome, Metric) else None
    text = metric.expression if metric is not None else ""
    if home is None or pieces is None or not _is_money(outcome, model) or "-" in text or "/" in text:
        return None
    return Aggregate(Fn.SUM, home.name, FieldRef(home.name, pieces.name))


def _fits(
    outcome: Measure,
    lever: Measure,
    fields: tuple[Field, Field],
    where: tuple[Condition, ...],
    world: tuple[Dataset, SemanticModel, Run],
) -> Pricing | None:
    """The pricing over one amount of money and its pieces, when the numbers agree."""
    home, model, run = world
    money, pieces = (Aggregate(Fn.SUM, home.name, FieldRef(home.name, f.name)) for f in fields)
    counted = [outcome, lever, money, pieces]
    counted += [Aggregate(Fn.SUM, home.name, Operation("*", p, pieces.of)) for p in _prices(home) if pieces.of]
    result = run(Plan(measures=tuple(Measured(m, f"m{i}") for i, m in enumerate(counted)), where=where), model)
    if isinstance(result, Issue) or not result.rows:
        return None
    said, level, paid, sold, *listed = (float(as_number(c) or 0.0) for c in result.rows[0])
    role = _role(outcome, said, (money, paid), (pieces, sold), model)
    if not role or paid <= 0 or sold <= 0 or level <= 0:
        return None
    revenue = outcome if role == "revenue" else money
    if _adds(lever, model):
        taken_off = any(abs(total - paid - level) <= _EXACT * level for total in listed)
        return Pricing(role, revenue, pieces, lever) if taken_off and level < paid else None
    return Pricing(role, revenue, pieces) if _NEAR[0] < level * sold / paid < _NEAR[1] else None


def _adds(lever: Measure, model: SemanticModel) -> bool:
    parts = parts_of(lever, model)
    return parts is not None and parts.kind == "sum"


def _role(
    outcome: Measure, said: float, money: tuple[Aggregate, float], pieces: tuple[Aggregate, float], model: SemanticModel
) -> str:
    """What the outcome is beside the money and the pieces of its rows: by its text, checked by its total."""
    if outcome == money[0] or abs(said - money[1]) <= 1e-9 * abs(money[1]):
        return "revenue"
    if outcome == pieces[0] or abs(said - pieces[1]) <= 1e-9 * abs(pieces[1]):
        return "quantity"
    metric = model.metric(outcome.name) if isinstance(outcome, Metric) else None
    names = metric is not None and isinstance(money[0].of, FieldRef) and money[0].of.field in metric.expression
    if metric is None or not names or not 0 < said < money[1] or "/" in metric.expression:
        return ""
    return "margin" if "-" in metric.expression else "revenue"


def _quantity(home: Dataset) -> Field | None:
    """The pieces that a row is about: an amount that adds up and is no money."""
    found = [f for f in home.fields if f.kind == "measure" and f.additivity == "additive" and f.format != "currency"]
    whole = [f for f in found if f.datatype == "Integer"]
    return next(iter(whole or found), None)


def _moneys(home: Dataset) -> tuple[Field, ...]:
    """Amounts of money that add up, the largest kinds first by their place in the table's model."""
    return tuple(
        f for f in home.fields if f.kind == "measure" and f.additivity == "additive" and f.format == "currency"
    )


def _prices(home: Dataset) -> tuple[FieldRef, ...]:
    return tuple(FieldRef(home.name, f.name) for f in home.fields if f.kind == "number" and f.format == "currency")


def _is_money(lever: Measure, model: SemanticModel) -> bool:
    """Whether a measure is an amount of money."""
    if isinstance(lever, Arithmetic):
        return lever.op == "/" and _is_money(lever.left, model)
    if isinstance(lever, Metric):
        metric = model.metric(lever.name)
        return metric is not None and metric.format == "currency"
    field = model.field(lever.of.dataset, lever.of.field) if _of_field(lever) else None  # type: ignore[union-attr]
    return field is not None and field.format == "currency"


def _of_field(measure: Measure) -> bool:
    return isinstance(measure, Aggregate) and isinstance(measure.of, FieldRef)
