"""In: an answer begun, and a plan that asks what if or what goes with what. Out: the answer with its picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bi_chat.conversation.influence import Studied, cautions, study
from bi_chat.conversation.panels import ROW_LIMIT
from bi_chat.conversation.running import Tools, runner
from bi_chat.conversation.what_if import what_if
from bi_chat.narration.notes import say_note
from bi_chat.narration.pack import spoken
from bi_chat.narration.phrases import Tongue, field_words
from bi_chat.narration.scenario import relation_sentences, scenario_sentences, scenario_word
from bi_chat.sql.compile import compile_plan
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.chart import Chart
from bi_chat.values.fact import Fact
from bi_chat.values.issue import Issue
from bi_chat.values.plan import FieldRef, Plan
from bi_chat.values.query import Note, ResultColumn
from bi_chat.values.question import Question
from bi_chat.values.result import Cell, Result
from bi_chat.values.scenario import Range, Relation, Scenario


def suppose(part: AnswerValue, plan: Plan, tools: Tools) -> AnswerValue:
    """What would have been: its sentences, the outcome along the lever, the rows it was learnt from as SQL."""
    question = part.question
    run = runner(tools, question.asked_on, question.language, row_limit=ROW_LIMIT)
    found = what_if(plan, tools.model, run, asked_on=question.asked_on, name=namer(tools, question))
    if isinstance(found, Issue):
        return replace(part, issues=(found,))
    scenario, studied = found
    first, *rest = scenario_sentences(scenario, question.language)
    drawn = _curve(scenario, question.language)
    made = _with(part, studied, tools, scenario.notes)
    return replace(
        made,
        result=drawn[0] if drawn else None,
        chart=drawn[1] if drawn else None,
        facts=(*_facts(scenario), *_relation_facts(scenario.relation)),
        narrative=Narrative(first, tuple(rest)),
        scenario=scenario,
        relation=scenario.relation,
    )


def relate(part: AnswerValue, plan: Plan, tools: Tools) -> AnswerValue:
    """How the outcome has gone with the lever: its sentences, the effect by step."""
    question = part.question
    run = runner(tools, question.asked_on, question.language, row_limit=ROW_LIMIT)
    found = study(plan, tools.model, run, asked_on=question.asked_on, name=namer(tools, question))
    if isinstance(found, Issue):
        return replace(part, issues=(found,))
    first, *rest = relation_sentences(found.relation, question.language)
    notes = cautions(found.relation) if found.relation.verdict == "estimated" else ()
    drawn = _steps(found.relation, question.language)
    return replace(
        _with(part, found, tools, notes),
        result=drawn[0] if drawn else None,
        chart=drawn[1] if drawn else None,
        facts=_relation_facts(found.relation),
        narrative=Narrative(first, tuple(rest)),
        relation=found.relation,
    )


def namer(tools: Tools, question: Question) -> Callable[[FieldRef], str]:
    """Names of fields in the asker's language."""
    tongue = Tongue(tools.model, spoken(question.language), question.asked_on)
    return lambda ref: field_words(ref, tongue)


def _with(part: AnswerValue, found: Studied, tools: Tools, notes: tuple[Note, ...]) -> AnswerValue:
    question = part.question
    query = compile_plan(found.cells.plan, found.model, question.asked_on)
    return replace(
        part,
        status="answered",
        sql="" if isinstance(query, Issue) else query.sql,
        assumptions=tuple(say_note(n, question.language) for n in notes if not n.warning),
        warnings=tuple(say_note(n, question.language) for n in notes if n.warning),
    )


def _facts(found: Scenario) -> tuple[Fact, ...]:
    values: list[tuple[str, Cell]] = [
        ("before", found.before),
        ("change", found.change),
        ("lever_before", found.lever_before),
        ("lever_after", found.lever_after),
    ]
    if found.fixed is not None:
        values.append(("fixed", found.fixed))
    return (Fact("what_if", (*values, *_ends("expected", found.expected))),)


def _relation_facts(found: Relation) -> tuple[Fact, ...]:
    values: tuple[tuple[str, Cell], ...] = (
        ("kind", found.kind),
        ("verdict", found.verdict),
        ("outcome", found.outcome),
        ("lever", found.lever),
        ("rows", found.rows),
        ("units", found.compared),
    )
    return (Fact("relation", (*values, *_ends("elasticity", found.elasticity))),)


def _ends(name: str, found: Range | None) -> tuple[tuple[str, Cell], ...]:
    if found is None:
        return ()
    return ((name, found.value), (f"{name}_low", found.low), (f"{name}_high", found.high))


def _curve(found: Scenario, language: str) -> tuple[Result, Chart] | None:
    """The outcome along the lever's change: estimated with its range, and with nothing else different."""
    estimated = found.expected is not None
    if not estimated and found.fixed is None:
        return None
    head = scenario_word("change", language, lever=found.lever.label or found.lever.name)
    words = [scenario_word(w, language) for w in ("expected", "low", "high", "fixed")]
    shown = words if estimated and found.fixed is not None else words[:3] if estimated else words[3:]
    columns = (
        ResultColumn(head, "dimension", head, format="percent", additive=False),
        *(replace(found.outcome, name=w, label=w, role="baseline" if w == words[3] else "measure") for w in shown),
    )
    rows: list[tuple[Cell, ...]] = []
    for point in found.curve:
        made = point.expected
        ends = (made.value, made.low, made.high) if made is not None else (None, None, None)
        cells = dict(zip(words, (*ends, point.fixed), strict=True))
        rows.append((point.change, *(cells[w] for w in shown)))
    y = tuple(w for w in (words[0], words[3]) if w in shown)
    band = (words[1], words[2]) if estimated else None
    return _result(rows, columns), Chart(
        "line", head, y, title=found.outcome.label or found.outcome.name, band=band, reason="what_if"
    )


def _steps(found: Relation, language: str) -> tuple[Result, Chart] | None:
    """The effect of one percent by steps after the lever moved."""
    if len(found.by_step) < 2:
        return None
    head = scenario_word("step", language, grain=found.grain)
    words = [scenario_word(w, language) for w in ("effect", "low", "high")]
    columns = (
        ResultColumn(head, "dimension", head, format="integer", additive=False),
        *(ResultColumn(w, "measure", w, format="percent", additive=False) for w in words),
    )
    rows: list[tuple[Cell, ...]] = [
        (float(lag), r.value / 100, r.low / 100, r.high / 100) for lag, r in enumerate(found.by_step)
    ]
    return _result(rows, columns), Chart(
        "line", head, (words[0],), title=f"{found.lever} → {found.outcome}", band=(words[1], words[2]), reason="by_step"
    )


def _result(rows: list[tuple[Cell, ...]], columns: tuple[ResultColumn, ...]) -> Result:
    import polars as pl

    schema = dict.fromkeys((c.name for c in columns), pl.Float64)
    return Result(pl.DataFrame(rows, schema=schema, orient="row"), columns)
