"""In: an answer begun, and a plan with an analysis. Out: the answer with what the analysis found."""

from __future__ import annotations

from dataclasses import replace

from bi_chat.charts.choose import choose_chart
from bi_chat.conversation.advice_answer import recommend
from bi_chat.conversation.by_group import suppose_by_group
from bi_chat.conversation.customers import concentrate, segment
from bi_chat.conversation.foretelling import foretell
from bi_chat.conversation.hindsight import look_back
from bi_chat.conversation.investigate import comparison_plan, why
from bi_chat.conversation.mentions import blame
from bi_chat.conversation.panels import ROW_LIMIT
from bi_chat.conversation.premise import premise_note
from bi_chat.conversation.running import Tools, runner
from bi_chat.conversation.splitting import splits
from bi_chat.conversation.supposing import relate, suppose
from bi_chat.conversation.unusual import anomalies
from bi_chat.conversation.voices import themes
from bi_chat.conversation.waterfall import shown_breakdown, waterfall
from bi_chat.narration.notes import say_note
from bi_chat.narration.why import driver_sentences, unusual_sentences
from bi_chat.sql.compile import compile_plan
from bi_chat.values.analyses import (
    Advise,
    Concentration,
    Forecast,
    Influence,
    LookBack,
    Mentioned,
    Segments,
    Themes,
    WhatIf,
    Why,
    WhyApart,
)
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.issue import Issue
from bi_chat.values.plan import FieldRef, Plan


def investigate(part: AnswerValue, plan: Plan, tools: Tools) -> AnswerValue:
    """Run the analysis of a plan; its parts each pass the guard."""
    match plan.analysis:
        case Why() | WhyApart():
            return _why(part, plan, plan.analysis, tools)
        case Forecast():
            return foretell(part, plan, plan.analysis, tools)
        case LookBack():
            return look_back(part, plan, tools)
        case Segments():
            return segment(part, plan, plan.analysis, tools)
        case Concentration():
            return concentrate(part, plan, plan.analysis, tools)
        case Mentioned():
            return blame(part, plan, plan.analysis, tools)
        case WhatIf():
            of = plan.dimensions[0].of if plan.dimensions else None
            by_group = isinstance(of, FieldRef) and plan.analysis.moved is None
            return suppose_by_group(part, plan, of, tools) if by_group else suppose(part, plan, tools)  # type: ignore[arg-type]
        case Influence():
            return relate(part, plan, tools)
        case Advise():
            return recommend(part, plan, tools)
        case Themes():
            return themes(part, plan, plan.analysis, tools)
    return _unusual(part, plan, tools)


def _why(part: AnswerValue, plan: Plan, asked: Why | WhyApart, tools: Tools) -> AnswerValue:
    question = part.question
    run = runner(tools, question.asked_on, question.language, row_limit=ROW_LIMIT)
    found = why(plan, tools.model, run, asked_on=question.asked_on)
    if isinstance(found, Issue):
        return replace(part, issues=(found,))
    found = replace(found, splits=splits(found, plan, tools.model, run, question.asked_on))
    shown = found.pair if found.pair_first else shown_breakdown(found)
    query = compile_plan(shown.plan if shown else comparison_plan(plan, asked), tools.model, question.asked_on)
    drawn = waterfall(found, question.language)
    first, *rest = driver_sentences(found, question.language)
    premise = premise_note(question, found.change) if isinstance(asked, Why) else None
    return replace(
        part,
        status="answered",
        warnings=(say_note(premise, question.language),) if premise is not None else (),
        sql="" if isinstance(query, Issue) else query.sql,
        result=drawn[0] if drawn else None,
        chart=drawn[1] if drawn else None,
        narrative=Narrative(first, tuple(rest)),
        drivers=found,
    )


def _unusual(part: AnswerValue, plan: Plan, tools: Tools) -> AnswerValue:
    question = part.question
    run = runner(tools, question.asked_on, question.language)
    found = anomalies(plan, tools.model, run, asked_on=question.asked_on)
    if isinstance(found, Issue):
        return replace(part, issues=(found,))
    query = compile_plan(found.plan, tools.model, question.asked_on)
    result = run(found.plan, tools.model)
    first, *rest = unusual_sentences(found, question.language)
    shown = None if isinstance(result, Issue) else result
    return replace(
        part,
        status="answered",
        sql="" if isinstance(query, Issue) else query.sql,
        result=shown,
        chart=choose_chart(shown, found.plan) if shown is not None else None,
        narrative=Narrative(first, tuple(rest)),
        assumptions=tuple(say_note(n, question.language) for n in found.notes),
        unusual=found,
    )
