"""In: an answer begun, and a plan that asks what if, by a field. Out: the answer with the outcome of each group."""

from __future__ import annotations

import math
from dataclasses import replace

from bi_chat.analysis.pooling import pooled
from bi_chat.conversation.panels import ROW_LIMIT
from bi_chat.conversation.running import Tools, runner
from bi_chat.conversation.supposing import namer, suppose
from bi_chat.conversation.what_if import what_if
from bi_chat.language.display import as_number
from bi_chat.narration.scenario import group_notes, group_sentences, scenario_word
from bi_chat.values.answer import AnswerValue
from bi_chat.values.chart import Chart
from bi_chat.values.fact import Fact
from bi_chat.values.issue import Issue
from bi_chat.values.period import Days
from bi_chat.values.plan import Dimension, FieldRef, In, Order, Plan, Window
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Result
from bi_chat.values.scenario import GroupOutcome, Range, Scenario

MOST_GROUPS = 8
_REACH = 1.959964


def suppose_by_group(part: AnswerValue, plan: Plan, of: FieldRef, tools: Tools) -> AnswerValue:
    """The whole as ever; then each of the largest groups by its own history, drawn towards the others'."""
    whole = suppose(part, replace(plan, dimensions=()), tools)
    if whole.scenario is None or whole.scenario.expected is None:
        return whole
    found, apart = _groups(part, plan, of, whole.scenario, tools)
    if len(found) < 2:
        return whole
    language = part.question.language
    label = namer(tools, part.question)(of)
    told = whole.narrative.sentences[1:] if whole.scenario.fixed is not None else whole.narrative.sentences
    result, chart = _table(found, label, whole.scenario, language)
    return replace(
        whole,
        result=result,
        chart=chart,
        facts=(*whole.facts, *(_fact(g) for g in found)),
        narrative=replace(
            whole.narrative,
            sentences=(
                *group_sentences(found, whole.scenario.outcome, label, apart=apart, language=language),
                *told,
            ),
        ),
        assumptions=(*whole.assumptions, *group_notes(label, len(found), apart=apart, language=language)),
    )


def _groups(
    part: AnswerValue, plan: Plan, of: FieldRef, whole: Scenario, tools: Tools
) -> tuple[tuple[GroupOutcome, ...], bool]:
    """The groups, and whether they could be told apart in how they react."""
    question = part.question
    run = runner(tools, question.asked_on, question.language, row_limit=ROW_LIMIT)
    time = plan.window.field if plan.window else None
    window = Window(Days(whole.window.start, whole.window.end), time)
    measure = plan.measures[0]
    ranked = Plan((measure,), (Dimension(of),), where=plan.where, window=window, order=(Order(measure.of, True),))
    rows = run(ranked, tools.model)
    named = [] if isinstance(rows, Issue) else [r[0] for r in rows.rows if r[0] is not None and as_number(r[-1])]
    made = []
    for value in named[:MOST_GROUPS]:
        own = replace(plan, dimensions=(), where=(*plan.where, In(of, (value,))), window=window)
        found = what_if(own, tools.model, run, asked_on=question.asked_on, judged=False)
        effect = _effect(found[0]) if not isinstance(found, Issue) else None
        if effect is not None and not isinstance(found, Issue):
            made.append((str(value), found[0], effect))
    if len(made) < 2:
        return (), False
    drawn = pooled([e[0] for *_, e in made], [e[1] for *_, e in made])
    groups = (_outcome(n, s, v, e) for (n, s, _), v, e in zip(made, drawn.values, drawn.errors, strict=True))
    return tuple(groups), drawn.spread > 0


def _base(found: Scenario) -> float:
    return found.before if found.fixed is None else found.fixed


def _effect(found: Scenario) -> tuple[float, float] | None:
    """The logarithm of the factor by which the rest of the world reacts, and its error."""
    made, base = found.expected, _base(found)
    if made is None or base <= 0 or min(made.value, made.low) <= 0:
        return None
    error = (math.log(made.high) - math.log(made.low)) / (2 * _REACH)
    return (math.log(made.value / base), error) if error > 0 else None


def _outcome(name: str, found: Scenario, effect: float, error: float) -> GroupOutcome:
    value, low, high = (_base(found) * math.exp(effect + reach * error) for reach in (0.0, -_REACH, _REACH))
    return GroupOutcome(name, found.before, Range(value, low, high))


def _fact(group: GroupOutcome) -> Fact:
    made = group.expected
    ends = (("expected", made.value), ("expected_low", made.low), ("expected_high", made.high))
    return Fact("what_if_group", (("group", group.name), ("before", group.before), *ends))


def _table(found: tuple[GroupOutcome, ...], label: str, whole: Scenario, language: str) -> tuple[Result, Chart]:
    import polars as pl

    before, after, low, high, change = (
        scenario_word(w, language) for w in ("before", "expected", "low", "high", "relative")
    )
    amount = replace(whole.outcome, role="measure")
    columns = (
        ResultColumn(label, "dimension", label, additive=False),
        replace(amount, name=before, label=before, role="baseline"),
        *(replace(amount, name=w, label=w) for w in (after, low, high)),
        ResultColumn(change, "change", change, format="percent", additive=False),
    )
    rows = [
        (g.name, g.before, g.expected.value, g.expected.low, g.expected.high, g.expected.value / g.before - 1)
        for g in found
    ]
    schema = {c.name: pl.Float64 if i else pl.String for i, c in enumerate(columns)}
    title = f"{whole.outcome.label or whole.outcome.name}: {change}"
    chart = Chart("bar", label, (change,), title=title, horizontal=True, reason="what_if_by_group")
    return Result(pl.DataFrame(rows, schema=schema, orient="row"), columns), chart
