"""In: an answer begun, and a plan that asks how a figure goes with what is mentioned. Out: the answer with its table.

Texts and figures meet in what both belong to (a product, a shop) and the month. Each such unit is compared with its own
other months; only months in which somebody wrote something count.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bi_chat.analysis.mentions import rate_ratio
from bi_chat.conversation.breakdowns import Candidate, begins_and_ends, candidates
from bi_chat.conversation.panels import MOST_UNITS, ROW_LIMIT, Cells, Wanted, cells_by
from bi_chat.conversation.parts import parts_of
from bi_chat.conversation.running import Tools, runner
from bi_chat.conversation.supposing import namer
from bi_chat.conversation.voices import heard
from bi_chat.narration.mentions import mention_sentences, mention_word
from bi_chat.narration.notes import say_note
from bi_chat.semantics.opinions import opinions_in
from bi_chat.sql.compile import compile_plan
from bi_chat.values.analyses import Mentioned, Themes
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.chart import Chart
from bi_chat.values.fact import Fact
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.mentions import MentionEffect, MentionEffects
from bi_chat.values.period import Grain
from bi_chat.values.plan import (
    Aggregate,
    AllOf,
    AnyOf,
    Condition,
    FieldRef,
    Fn,
    Measure,
    Measured,
    Metric,
    Plan,
    TextMatch,
)
from bi_chat.values.query import Note, ResultColumn
from bi_chat.values.result import Cell, Result

MOST_THEMES = 14
_CHANCE = 0.05
Named = tuple[str, Condition]


def blame(part: AnswerValue, plan: Plan, asked: Mentioned, tools: Tools) -> AnswerValue:
    """The figure where each theme (or the word) is mentioned more than usual, against the rest."""
    named = _named(part, plan, asked, tools)
    if isinstance(named, Issue):
        return replace(part, issues=(named,))
    found = _effects(part, plan, asked, tools, named)
    if isinstance(found, Issue):
        return replace(part, issues=(found,))
    effects, cells, wanted = found
    language = part.question.language
    first, *rest = mention_sentences(effects, language)
    query = compile_plan(cells.plan, wanted.model, part.question.asked_on)
    drawn = _table(effects, language)
    told = any(e.surely for e in effects.effects)
    return replace(
        part,
        status="answered",
        sql="" if isinstance(query, Issue) else query.sql,
        result=drawn[0] if drawn else None,
        chart=drawn[1] if drawn else None,
        facts=tuple(_fact(e) for e in effects.effects),
        narrative=Narrative(first, tuple(rest)),
        warnings=(say_note(Note("observed_not_tested"), language),) if told else (),
    )


def _named(part: AnswerValue, plan: Plan, asked: Mentioned, tools: Tools) -> tuple[Named, ...] | Issue:
    """The word, or the themes of complaints, each with the condition on the texts that mention it."""
    text = FieldRef(asked.dataset, asked.text)
    if asked.word:
        return ((asked.word, TextMatch(text, asked.word, "mentions")),)
    opinions = next((o for o in opinions_in(tools.model) if o.dataset.name == asked.dataset), None)
    rows = Plan(measures=(Measured(Aggregate(Fn.COUNT, asked.dataset)),), window=plan.window)
    themes = Themes(asked.dataset, asked.text, "negative", asked.rating, MOST_THEMES)
    found = heard(part, rows, themes, tools)
    if isinstance(found, Issue):
        return found
    named = []
    for theme in found[1].themes:
        words = AnyOf(tuple(TextMatch(text, w, "mentions") for w in theme.words))
        blamed = AllOf((words, opinions.on("negative"))) if opinions is not None else words
        named.append((theme.name, blamed))
    return tuple(named) or Issue(IssueCode.EMPTY_RESULT, mention_word("no_themes", part.question.language))


# ------------------------------------------------------------------ the figure and the mentions by unit and month
def _effects(
    part: AnswerValue, plan: Plan, asked: Mentioned, tools: Tools, named: tuple[Named, ...]
) -> tuple[MentionEffects, Cells, Wanted] | Issue:
    question = part.question
    run = runner(tools, question.asked_on, question.language, row_limit=ROW_LIMIT)
    outcome, base = plan.measures[0].of, _base(plan.measures[0].of, tools)
    counts = tuple(Aggregate(Fn.COUNT, asked.dataset, where=(condition,)) for _, condition in named)
    fixed: tuple[Measure, ...] = (outcome, Aggregate(Fn.COUNT, asked.dataset), *((base,) if base is not None else ()))
    wanted = Wanted((*fixed, *counts), plan.where, tools.model, run, question.asked_on)
    fields = _unit(wanted, asked, fixed)
    cells = cells_by(wanted, fields, Grain.MONTH)
    column = run(Plan(measures=plan.measures[:1], where=plan.where), tools.model)
    if isinstance(cells, Issue) or isinstance(column, Issue):
        return cells if isinstance(cells, Issue) else column  # type: ignore[return-value]
    if not len(cells.values):
        return Issue(IssueCode.EMPTY_RESULT, mention_word("too_little", question.language))
    made = tuple(_effect(cells, name, at, len(fixed), len(named)) for at, (name, _) in enumerate(named))
    named_base = _label_of(base, tools) if base is not None else ""
    unit = namer(tools, question)(fields[0].ref) if fields else ""
    figure = next(c for c in column.columns if c.role == "measure")
    ranked = tuple(sorted(made, key=lambda e: -abs(e.extra.value) if e.extra is not None and e.surely else 0.0))
    return MentionEffects(figure, named_base, unit, ranked, bool(asked.word), len(cells.values)), cells, wanted


def _effect(cells: Cells, name: str, at: int, fixed: int, tried: int) -> MentionEffect:
    values = np.nan_to_num(cells.values)
    y, texts, mentions = values[:, 0], values[:, 1], values[:, fixed + at]
    written = texts > 0
    month = np.bincount(cells.step, y)[cells.step].astype(np.float64)
    base = values[:, 2] if fixed > 2 else month
    if fixed <= 2 and not cells.fields:
        base = np.ones(len(y))
    usual = np.bincount(cells.unit, mentions) / np.maximum(np.bincount(cells.unit, texts), 1.0)
    marked = written & (mentions > usual[cells.unit] * texts)
    found = rate_ratio(y[written], base[written], marked[written], cells.unit[written])
    count = int(mentions.sum())
    if found is None:
        return MentionEffect(name, count, int(marked.sum()))
    surely = found.chance * tried < _CHANCE
    return MentionEffect(name, count, found.marked, found.ratio, found.inside, found.extra, surely)


def _base(outcome: Measure, tools: Tools) -> Measure | None:
    """What the figure is judged against: the main amount of money, unless that is the figure itself."""
    money = [m for m in tools.model.metrics if m.format == "currency" and m.additivity == "additive"]
    main = Metric(money[0].name) if money else None
    return None if main is None or main == outcome else main


def _unit(wanted: Wanted, asked: Mentioned, measures: tuple[Measure, ...]) -> tuple[Candidate, ...]:
    """What the texts are about by name, such as their product, else the field with most values that both share."""
    parts = [parts_of(m, wanted.model) for m in measures]
    homes = tuple(dict.fromkeys((*(h for p in parts if p is not None for h in p.homes), asked.dataset)))
    found = [c for c in candidates(wanted.model, homes, wanted.where) if not begins_and_ends(c, wanted.model)]
    near = {r.to_dataset for r in wanted.model.relationships if r.from_dataset == asked.dataset}
    named = {(d.name, d.display) for d in wanted.model.datasets if d.name in near and d.display}
    fit = sorted(
        (c for c in found if c.distinct <= MOST_UNITS),
        key=lambda c: ((c.ref.dataset, c.ref.field) not in named, -c.distinct),
    )
    return tuple(fit[:1])


def _label_of(measure: Measure, tools: Tools) -> str:
    metric = tools.model.metric(measure.name) if isinstance(measure, Metric) else None
    return (metric.label or metric.name) if metric is not None else ""


# ------------------------------------------------------------------ what is shown
def _fact(found: MentionEffect) -> Fact:
    values: list[tuple[str, Cell]] = [("theme", found.name), ("texts", found.texts), ("told", found.surely)]
    if found.ratio is not None and found.extra is not None:
        values += [("ratio", found.ratio.value), ("ratio_low", found.ratio.low), ("ratio_high", found.ratio.high)]
        values += [("extra", found.extra.value), ("extra_low", found.extra.low), ("extra_high", found.extra.high)]
    return Fact("mention", tuple(values))


def _table(found: MentionEffects, language: str) -> tuple[Result, Chart | None] | None:
    import polars as pl

    known = [e for e in found.effects if e.ratio is not None and e.extra is not None]
    known = [e for e in known if e.surely] or known  # what can't be told from chance is drawn only where all is so
    if not known:
        return None
    head, texts, extra, low, high, ratio = (
        mention_word(w, language) for w in ("theme", "texts", "extra", "low", "high", "ratio")
    )
    amount = replace(found.outcome, role="difference", additive=False)
    columns = (
        ResultColumn(head, "dimension", head, additive=False),
        ResultColumn(texts, "attribute", texts, format="integer", additive=False),
        *(replace(amount, name=w, label=w) for w in (extra, low, high)),
        ResultColumn(ratio, "attribute", ratio, format="number", additive=False),
    )
    rows = [
        (e.name, e.texts, e.extra.value, e.extra.low, e.extra.high, round(e.ratio.value, 2))
        for e in known
        if e.extra is not None and e.ratio is not None
    ]
    kinds = (pl.String, pl.Int64, *[pl.Float64] * 4)
    schema = {c.name: k for c, k in zip(columns, kinds, strict=True)}
    title = f"{extra}: {found.outcome.label or found.outcome.name}"
    chart = Chart("bar", head, (extra,), title=title, horizontal=True, reason="mentions") if len(rows) > 1 else None
    return Result(pl.DataFrame(rows, schema=schema, orient="row"), columns), chart
