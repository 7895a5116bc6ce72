"""In: an answer begun, and a plan that asks what to do. Out: the answer with findings, their effects drawn as bars."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.conversation.advising import advise
from bi_chat.conversation.panels import ROW_LIMIT
from bi_chat.conversation.running import Tools, runner
from bi_chat.conversation.supposing import namer
from bi_chat.narration.advice import MOST, advice_sentences, advice_word, finding_name
from bi_chat.narration.notes import say_note
from bi_chat.sql.compile import compile_plan
from bi_chat.values.advice import Advice, Finding
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.chart import Chart
from bi_chat.values.fact import Fact
from bi_chat.values.issue import Issue
from bi_chat.values.plan import Plan
from bi_chat.values.query import Note, ResultColumn
from bi_chat.values.result import Result


def recommend(part: AnswerValue, plan: Plan, tools: Tools) -> AnswerValue:
    """What the data point to: a sentence and a bar for each finding."""
    question = part.question
    run = runner(tools, question.asked_on, question.language, row_limit=ROW_LIMIT)
    name = namer(tools, question)
    found = advise(plan, tools.model, run, asked_on=question.asked_on, name=name)
    if isinstance(found, Issue):
        return replace(part, issues=(found,))
    first, *rest = advice_sentences(found, question.language)
    query = compile_plan(Plan(measures=plan.measures[:1], where=plan.where), tools.model, question.asked_on)
    drawn = _bars(found, question.language)
    warned = (say_note(Note("observed_not_tested"), question.language),) if found.findings else ()
    return replace(
        part,
        status="answered",
        sql="" if isinstance(query, Issue) else query.sql,
        result=drawn[0] if drawn else None,
        chart=drawn[1] if drawn else None,
        facts=tuple(_fact(f) for f in found.findings),
        narrative=Narrative(first, tuple(rest)),
        warnings=warned,
        advice=found,
    )


def _fact(found: Finding) -> Fact:
    return Fact(
        "finding",
        (
            ("kind", found.kind),
            ("what", found.what),
            ("value", found.value),
            ("change", found.change),
            ("cost", found.cost),
            ("effect", found.effect.value),
            ("effect_low", found.effect.low),
            ("effect_high", found.effect.high),
            ("sure", found.sure),
        ),
    )


def _bars(found: Advice, language: str) -> tuple[Result, Chart] | None:
    """Each finding's expected effect, with its range in the table."""
    import polars as pl

    if not found.findings:
        return None
    head, *words = (advice_word(w, language) for w in ("finding", "effect", "low", "high"))
    columns = (
        ResultColumn(head, "dimension", head, additive=False),
        *(replace(found.outcome, name=w, label=w, role="difference", additive=False) for w in words),
    )
    rows = [(finding_name(f, language), f.effect.value, f.effect.low, f.effect.high) for f in found.findings[:MOST]]
    schema = {c.name: pl.Float64 if i else pl.String for i, c in enumerate(columns)}
    title = f"{words[0]}: {found.outcome.label or found.outcome.name}"
    chart = Chart("bar", head, (words[0],), title=title, horizontal=True, reason="findings")
    return Result(pl.DataFrame(rows, schema=schema, orient="row"), columns), chart
