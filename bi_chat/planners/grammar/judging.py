"""In: a plan that counts rows which must reach some figure. Out: each row judged by its own figure, then counted.

Example: "how many customers have more than 20 orders in 2024". Difficulty: the year is about the orders, and a window
would be about the customers' own date. Rule: the figure is taken over the rows of the period alone; where both
dates are the same, the window serves both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.planners.grammar.measures import measure_home, plain_of
from bi_chat.planners.grammar.sketch import Sketch
from bi_chat.sql.joins import reachable
from bi_chat.values.plan import (
    Aggregate,
    Compare,
    Condition,
    EntityMeasure,
    FieldRef,
    Fn,
    Literal,
    Measure,
    Metric,
    Plan,
    Window,
    Within,
)

if TYPE_CHECKING:
    from bi_chat.planners.grammar.assemble import Assembler


def judged_count(plan: Plan, made: Assembler) -> Plan:
    """The plan with its comparisons moved to each counted row."""
    counted = plan.measures[0].of if len(plan.measures) == 1 else None
    if not isinstance(counted, Aggregate) or counted.function is not Fn.COUNT or counted.of is not None:
        return plan
    if not plan.dimensions and plan.having and all(_of_others(c, counted.dataset, made) for c in plan.having):
        judged = tuple(
            replace(c, left=EntityMeasure(c.left, counted.dataset))
            for c in plan.having
            if isinstance(c, Compare) and isinstance(c.left, Metric | Aggregate)
        )
        plan = replace(plan, where=(*plan.where, *judged), having=())
    return plan if plan.dimensions else _within_period(plan, counted.dataset, made)


def _within_period(plan: Plan, dataset: str, made: Assembler) -> Plan:
    """The period moves from the counted rows to the figures they are judged by."""
    window = plan.window
    judged = [c for c in plan.where if isinstance(c, Compare) and isinstance(c.left, EntityMeasure)]
    if window is None or not judged or (window.field is not None and window.field.dataset == dataset):
        return plan
    measures = [c.left.measure for c in judged if isinstance(c.left, EntityMeasure)]
    own = _time_of_rows(dataset, made)
    if window.field is None and all(_time(m, made) == own for m in measures):
        return plan
    timed = {m: t for m in measures if (t := _timed(m, window, made)) is not None}
    if len(timed) < len(set(measures)):
        made.trace.doubt("unplaced_amount", 2.0)  # the period can't be told to the figure alone
        return plan
    where = tuple(_with_measure(c, timed) if c in judged else c for c in plan.where)
    return replace(plan, where=where, window=None)


def _with_measure(condition: Condition, timed: dict[Measure, Measure]) -> Condition:
    if not isinstance(condition, Compare) or not isinstance(condition.left, EntityMeasure):
        return condition
    return replace(condition, left=replace(condition.left, measure=timed[condition.left.measure]))


def _timed(measure: Measure, window: Window, made: Assembler) -> Measure | None:
    """The same figure over the rows of the period; None where it is no plain sum or count."""
    at = _time(measure, made)
    if isinstance(measure, Metric):
        measure = plain_of(measure, made.model, made.measures.home(measure)) or measure
    if not isinstance(measure, Aggregate) or not at:
        return None
    dataset, _, name = at.partition(".")
    if window.field is not None and window.field.dataset == dataset:
        name = window.field.field
    return replace(measure, where=(*measure.where, Within(FieldRef(dataset, name), window.period)))


def _time(measure: Measure, made: Assembler) -> str:
    """ "dataset.field" of the time a figure goes by."""
    metric = made.model.metric(measure.name) if isinstance(measure, Metric) else None
    if metric is not None and metric.time:
        return metric.time
    return _time_of_rows(measure_home(measure, made.binder.metric_homes), made)


def _time_of_rows(name: str, made: Assembler) -> str:
    dataset = made.model.dataset(name)
    if dataset is None or not dataset.default_time:
        return ""
    return dataset.default_time if "." in dataset.default_time else f"{dataset.name}.{dataset.default_time}"


def _of_others(condition: Condition, dataset: str, made: Assembler) -> bool:
    """Whether a measure of rows that refer to the counted ones is compared."""
    if not isinstance(condition, Compare) or not isinstance(condition.left, Metric | Aggregate):
        return False
    home = measure_home(condition.left, made.binder.metric_homes)
    return home not in ("", dataset) and dataset in reachable(made.model, home)


def groups_judged(plan: Plan, sketch: Sketch, made: Assembler) -> Plan:
    """ "which of those had more than 80?": the figure on the table judges its groups."""
    if not plan.dimensions or len(plan.measures) - len(plan.hidden) != 1:
        return plan
    for cond in [c for c in sketch.conditions if c.kind == "number" and c.noun is None and not c.counting]:
        amount = cond.amounts[0].value
        sketch.conditions.remove(cond)
        made.trace.note(sketch.pieces[cond.at], "filter")
        value = Literal(int(amount) if float(amount).is_integer() else amount)
        plan = replace(plan, having=(*plan.having, Compare(plan.measures[0].of, cond.op, value)))
    return plan
