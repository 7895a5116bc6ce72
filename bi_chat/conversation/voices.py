"""In: an answer begun, and a plan that asks what people write about. Out: the answer with themes, counts and quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bi_chat.analysis.feedback.cutting import term_key
from bi_chat.analysis.feedback.themes import Opinion, find_themes
from bi_chat.conversation.masking import without_personal
from bi_chat.conversation.running import Tools, run, runner
from bi_chat.narration.notes import say_note
from bi_chat.narration.themes import theme_heads, theme_sentences
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.opinions import bounds
from bi_chat.sql.compile import compile_plan
from bi_chat.sql.guard import check
from bi_chat.sql.sampling import by_hash
from bi_chat.values.analyses import Themes
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.chart import Chart
from bi_chat.values.issue import Issue
from bi_chat.values.plan import Condition, Dimension, FieldRef, In, Plan
from bi_chat.values.query import Note, ResultColumn
from bi_chat.values.result import Cell, Result
from bi_chat.values.themes import FoundThemes, Theme

MOST_TEXTS = 10_000
_WORDS = re.compile(r"[A-Za-z]+|[㐀-鿿]+")


def themes(part: AnswerValue, plan: Plan, asked: Themes, tools: Tools) -> AnswerValue:
    """Tell what the texts that fit are about."""
    language = part.question.language
    made = heard(part, plan, asked, tools)
    if isinstance(made, Issue):
        return replace(part, issues=(made,))
    sql, found, rows = made
    first, *rest = theme_sentences(found, language)
    shown = _table(found, language)
    return replace(
        part,
        status="answered",
        sql=sql,
        result=replace(shown, as_of=rows.as_of, seconds=rows.seconds) if found.themes else None,
        chart=_chart(shown) if found.themes else None,
        narrative=Narrative(first, tuple(rest)),
        themes=found,
        warnings=tuple(say_note(n, language) for n in found.notes),
    )


def heard(part: AnswerValue, plan: Plan, asked: Themes, tools: Tools) -> tuple[str, FoundThemes, Result] | Issue:
    """Read the texts that fit, at most `MOST_TEXTS` different ones: the statement, what they are about, their rows."""
    question, language = part.question, part.question.language
    query = compile_plan(texts_plan(plan, asked), tools.model, question.asked_on)
    if isinstance(query, Issue):
        return query
    query = by_hash(query, query.columns[0].name)
    checked = check(query, tools.catalog, row_limit=MOST_TEXTS)
    rows = checked if isinstance(checked, Issue) else run(checked, tools, language)
    if isinstance(rows, Issue):
        return rows
    found = _found(rows, plan, asked, tools.model)
    if rows.cut_at is not None:
        found = _sampled(found, plan, part, tools)
    return query.sql, found, rows


def texts_plan(plan: Plan, asked: Themes) -> Plan:
    """The different texts (and stars) among the rows that the plan is about, with how many rows hold each."""
    names = (asked.text, asked.rating) if asked.rating else (asked.text,)
    shown = tuple(Dimension(FieldRef(asked.dataset, name)) for name in names)
    return Plan(measures=plan.measures[:1], dimensions=shown, where=plan.where, window=plan.window)


def _found(rows: Result, plan: Plan, asked: Themes, model: SemanticModel) -> FoundThemes:
    stars = model.field(asked.dataset, asked.rating) if asked.rating else None
    worst = bounds(stars)[0] if stars is not None else None
    total, opinions = 0, []
    for row in rows.rows:
        count = int(str(row[-1] or 0))
        total += count
        if isinstance(row[0], str) and row[0].strip():
            mark = row[1] if worst is not None else None
            marked = worst is not None and isinstance(mark, int | float)
            opinions.append(Opinion(row[0], count, float(str(mark)) <= (worst or 0) if marked else None))
    opinions.sort(key=lambda o: o.text)
    made = find_themes(opinions, side=asked.side, most=asked.most, known=frozenset(_named(plan.where)))
    shown = tuple(replace(t, quotes=tuple(without_personal(q) for q in t.quotes)) for t in made.themes)
    return FoundThemes(asked.side, shown, made.texts, total, made.relevant, made.negative, stars is not None)


def _named(conditions: tuple[Condition, ...]) -> Iterator[str]:
    """Words of the values that the rows were chosen by: in reviews of a product its name is no theme."""
    for condition in conditions:
        if isinstance(condition, In):
            for word in _WORDS.findall(" ".join(str(v) for v in condition.values)):
                if (key := term_key(word.lower())) is not None:
                    yield key


def _sampled(found: FoundThemes, plan: Plan, part: AnswerValue, tools: Tools) -> FoundThemes:
    """Too many different texts: those read are picked by a hash of the text, and how many there are is counted."""
    question = part.question
    counted = runner(tools, question.asked_on, question.language)(
        Plan(measures=plan.measures[:1], where=plan.where, window=plan.window), tools.model
    )
    rows = found.rows if isinstance(counted, Issue) or not counted.rows else int(str(counted.rows[0][0] or 0))
    note = Note("themes_sampled", (("count", str(found.texts)), ("of", str(rows))), warning=True)
    return replace(found, rows=rows, notes=(note,))


def _table(found: FoundThemes, language: str) -> Result:
    import polars as pl

    heads = theme_heads(language)
    columns = (
        ResultColumn(heads[0], "dimension", heads[0], additive=False),
        ResultColumn(heads[1], "measure", heads[1], format="integer", additive=False),
        ResultColumn(heads[2], "share", heads[2], unit="%", format="percent", additive=False),
        ResultColumn(heads[3], "share", heads[3], unit="%", format="percent", additive=False),
        ResultColumn(heads[4], "attribute", heads[4], additive=False),
    )
    kinds = (pl.String, pl.Int64, pl.Float64, pl.Float64, pl.String)
    schema = {c.name: kind for c, kind in zip(columns, kinds, strict=True)}
    return Result(pl.DataFrame([_row(t) for t in found.themes], schema=schema, orient="row"), columns)


def _row(theme: Theme) -> tuple[Cell, ...]:
    return theme.name, theme.mentions, theme.share, theme.negative, theme.quotes[0] if theme.quotes else None


def _chart(shown: Result) -> Chart:
    return Chart("bar", shown.columns[0].name, (shown.columns[1].name,), horizontal=True, reason="ranking")
