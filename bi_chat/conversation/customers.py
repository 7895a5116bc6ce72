"""In: an answer begun, and a plan that asks for segments or concentration. Out: the answer, its table and picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from statistics import median

from bi_chat.analysis.customers import SEGMENTS, classes, gini, held_by, needed_for, scored
from bi_chat.conversation.panels import ROW_LIMIT
from bi_chat.conversation.running import Tools, runner
from bi_chat.language.display import as_number, show_date
from bi_chat.narration.customers import (
    concentration_sentences,
    customer_word,
    segment_meanings,
    segment_name,
    segment_sentences,
)
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.notes import say_note
from bi_chat.narration.pack import spoken
from bi_chat.narration.phrases import Tongue, dataset_words
from bi_chat.sql.compile import compile_plan
from bi_chat.values.analyses import Concentration, Segments
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.chart import Chart
from bi_chat.values.customers import Concentrated, Holder, Person, Segmented
from bi_chat.values.fact import Fact
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.plan import Aggregate, Dimension, FieldRef, Fn, Measured, Plan
from bi_chat.values.query import Note, ResultColumn
from bi_chat.values.result import Cell, Result

FEWEST = 10
MOST_LISTED = 1000


def segment(part: AnswerValue, plan: Plan, asked: Segments, tools: Tools) -> AnswerValue:
    """Who the people are by how lately, how often and for how much they acted; of one segment everybody by name."""
    question, language = part.question, part.question.language
    rows_plan = _people_plan(plan, asked, tools)
    run = runner(tools, question.asked_on, language, row_limit=ROW_LIMIT)
    rows = run(rows_plan, tools.model) if rows_plan is not None else _few(0, language)
    if isinstance(rows, Issue):
        return replace(part, issues=(rows,))
    if rows.cut_at is not None:
        return replace(part, issues=(say_issue(IssueCode.RESULT_SIZE, language),))
    found = _segmented(rows, asked, dataset_words(asked.people, _tongue(part, tools)), question.asked_on)
    if len(found.people) < FEWEST:
        return replace(part, issues=(_few(len(found.people), language),))
    first, *rest = segment_sentences(found, asked.listed, language)
    drawn = _listed(found, asked.listed, language) if asked.listed else _by_segment(found, language)
    query = compile_plan(rows_plan, tools.model, question.asked_on) if rows_plan is not None else None
    return replace(
        part,
        status="answered",
        sql="" if query is None or isinstance(query, Issue) else query.sql,
        result=replace(drawn[0], as_of=rows.as_of, seconds=rows.seconds),
        chart=drawn[1],
        facts=tuple(_segment_fact(found, s) for s in SEGMENTS if found.of(s)),
        narrative=Narrative(first, tuple(rest)),
        assumptions=(_how(found, language), *segment_meanings(found, asked.listed, language)),
    )


def _how(found: Segmented, language: str) -> str:
    return customer_word("how_scored", language, through=show_date(found.through, "", language))


def _few(have: int, language: str) -> Issue:
    return Issue(IssueCode.UNSUPPORTED, customer_word("few", language, have=str(have), need=str(FEWEST)))


def _people_plan(plan: Plan, asked: Segments, tools: Tools) -> Plan | None:
    """The people by key with their figure, how often they acted and when last."""
    people = tools.model.dataset(asked.people)
    if people is None or len(people.primary_key) != 1 or not plan.measures:
        return None
    key = people.primary_key[0]
    named = people.field(people.display) if people.display and people.display != key else None
    shown = [FieldRef(people.name, f) for f in (key, named.name if named is not None else "") if f]
    measures = (
        plan.measures[0],
        Measured(Aggregate(Fn.COUNT, asked.deeds), "times"),
        Measured(Aggregate(Fn.MAX, asked.time.dataset, asked.time), "last"),
    )
    return Plan(measures, tuple(Dimension(f) for f in shown), where=plan.where, window=plan.window)


def _segmented(rows: Result, asked: Segments, who: str, asked_on: date) -> Segmented:
    named = len(rows.role("dimension")) > 1
    people, unknown = [], 0.0
    for row in rows.rows:
        key, name = row[0], row[1] if named else row[0]
        amount, times, last = row[-3:]
        day = last.date() if isinstance(last, datetime) else last
        if key is None:
            unknown += float(as_number(amount) or 0.0)
        elif isinstance(day, date) and day <= asked_on and times:
            held = float(as_number(amount) or 0.0)
            people.append(Person(key, str(name if name is not None else key), day, int(as_number(times) or 0), held))
    outcome = next(c for c in rows.columns if c.role == "measure")
    through = max((p.last for p in people), default=asked_on)
    return Segmented(scored(people), outcome, through, who, unknown)


def _segment_fact(found: Segmented, name: str) -> Fact:
    people = found.of(name)
    amount = sum(p.person.amount for p in people)
    values: tuple[tuple[str, Cell], ...] = (
        ("segment", name),
        ("people", len(people)),
        ("share_of_people", len(people) / len(found.people)),
        ("amount", amount),
        ("share_of_amount", amount / found.total if found.total else None),
    )
    return Fact("segment", values)


def _by_segment(found: Segmented, language: str) -> tuple[Result, Chart]:
    import polars as pl

    head, count, part, held, last, times = (
        customer_word(w, language)
        for w in ("segment", "people", "share_of_people", "share_of_amount", "days_since", "times")
    )
    amount = replace(found.outcome, role="measure")
    columns = (
        ResultColumn(head, "dimension", head, additive=False),
        ResultColumn(count, "measure", count, format="integer"),
        ResultColumn(part, "measure", part, format="percent", additive=False),
        replace(amount, name=amount.label or amount.name, label=amount.label or amount.name),
        ResultColumn(held, "measure", held, format="percent", additive=False),
        ResultColumn(last, "measure", last, format="integer", additive=False),
        ResultColumn(times, "measure", times, format="number", additive=False),
    )
    rows = []
    for name in SEGMENTS:
        people = [s.person for s in found.of(name)]
        if people:
            sold = sum(p.amount for p in people)
            days = median((found.through - p.last).days for p in people)
            mean = sum(p.times for p in people) / len(people)
            share = sold / found.total if found.total else None
            told = (len(people), len(people) / len(found.people), sold, share, days, round(mean, 1))
            rows.append((segment_name(name, language), *told))
    schema = {c.name: pl.Float64 if i else pl.String for i, c in enumerate(columns)}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return Result(frame, columns), Chart("bar", head, (part, held), horizontal=True, reason="segments")


def _listed(found: Segmented, name: str, language: str) -> tuple[Result, None]:
    import polars as pl

    last, times = customer_word("last", language), customer_word("times", language)
    amount = found.outcome.label or found.outcome.name
    columns = (
        ResultColumn(found.who, "dimension", found.who, additive=False),
        ResultColumn(last, "attribute", last, additive=False),
        ResultColumn(times, "measure", times, format="integer"),
        replace(found.outcome, name=amount, label=amount, role="measure"),
    )
    people = [s.person for s in found.of(name)][:MOST_LISTED]
    same = Counter(p.name for p in people)
    rows = [(p.name if same[p.name] == 1 else f"{p.name} ({p.key})", p.last, p.times, p.amount) for p in people]
    kinds = (pl.String, pl.Date, pl.Int64, pl.Float64)
    schema = {c.name: kind for c, kind in zip(columns, kinds, strict=True)}
    return Result(pl.DataFrame(rows, schema=schema, orient="row"), columns), None


# ------------------------------------------------------------------ concentration
def concentrate(part: AnswerValue, plan: Plan, asked: Concentration, tools: Tools) -> AnswerValue:
    """What the largest part of the holders hold, how many it takes to hold a part, and everybody in that order."""
    question, language = part.question, part.question.language
    plain = Plan(plan.measures[:1], plan.dimensions, where=plan.where, window=plan.window)
    rows = runner(tools, question.asked_on, language, row_limit=ROW_LIMIT)(plain, tools.model)
    if isinstance(rows, Issue):
        return replace(part, issues=(rows,))
    if rows.cut_at is not None:
        return replace(part, issues=(say_issue(IssueCode.RESULT_SIZE, language),))
    found = _held(rows, asked, _holders(plan, rows, _tongue(part, tools)))
    if len(found.holders) < 2 or found.total <= 0:
        said = customer_word("nothing_held", language, who=found.who)
        return replace(part, issues=(Issue(IssueCode.EMPTY_RESULT, said),))
    first, *rest = concentration_sentences(found, language)
    query = compile_plan(plain, tools.model, question.asked_on)
    result, chart = _curve(found, language)
    notes = [Note("negative_left_out", (("count", str(found.left_out)),), warning=True)] if found.left_out else []
    return replace(
        part,
        status="answered",
        sql="" if isinstance(query, Issue) else query.sql,
        result=replace(result, as_of=rows.as_of, seconds=rows.seconds),
        chart=chart,
        facts=(_concentration_fact(found),),
        narrative=Narrative(first, tuple(rest)),
        warnings=tuple(say_note(n, language) for n in notes),
    )


def _tongue(part: AnswerValue, tools: Tools) -> Tongue:
    return Tongue(tools.model, spoken(part.question.language), part.question.asked_on)


def _holders(plan: Plan, rows: Result, tongue: Tongue) -> str:
    """What the rows of a dataset are called, where they are told by its key; else the field."""
    first = plan.dimensions[0].of
    dataset = tongue.model.dataset(first.dataset) if isinstance(first, FieldRef) else None
    if dataset is not None and isinstance(first, FieldRef) and first.field in (*dataset.primary_key, dataset.display):
        return dataset_words(dataset.name, tongue)
    group = rows.role("dimension")[0]
    return group.label or group.name


def _held(rows: Result, asked: Concentration, who: str) -> Concentrated:
    """A key alone names nobody, so the name beside it is shown; two of one name are told apart by their keys."""
    groups = rows.role("dimension")
    named = []
    unknown = 0.0
    for row in rows.rows:
        amount = float(as_number(row[-1]) or 0.0)
        if row[0] is None:
            unknown += amount
        else:
            named.append(
                (str(row[len(groups) - 1] if row[len(groups) - 1] is not None else row[0]), str(row[0]), amount)
            )
    same = Counter(name for name, _, _ in named)
    held = [Holder(n if same[n] == 1 or n == key else f"{n} ({key})", a) for n, key, a in named]
    kept = sorted((h for h in held if h.amount >= 0), key=lambda h: (-h.amount, h.name))
    outcome = next(c for c in rows.columns if c.role == "measure")
    return Concentrated(tuple(kept), outcome, who, (asked.holders, asked.held), len(held) - len(kept), unknown)


def _concentration_fact(found: Concentrated) -> Fact:
    holders, held = found.wanted
    values: tuple[tuple[str, Cell], ...] = (
        ("of", found.who),
        ("holders", len(found.holders)),
        ("largest_part", holders),
        ("hold", held_by(found.holders, holders)),
        ("part", held),
        ("needs", needed_for(found.holders, held)),
        ("gini", gini(found.holders)),
    )
    return Fact("concentration", values)


def _curve(found: Concentrated, language: str) -> tuple[Result, Chart]:
    """Everybody, largest first, with the share that they and all before them hold."""
    import polars as pl

    amount = found.outcome.label or found.outcome.name
    part, share, together, kind = (
        customer_word(w, language, who=found.who) for w in ("rank", "share", "together", "class")
    )
    columns = (
        ResultColumn(part, "dimension", part, format="percent", additive=False),
        ResultColumn(found.who, "attribute", found.who, additive=False),
        replace(found.outcome, name=amount, label=amount, role="measure"),
        ResultColumn(share, "share", share, format="percent"),
        ResultColumn(together, "running", together, format="percent", additive=False),
        ResultColumn(kind, "attribute", kind, additive=False),
    )
    rows: list[tuple[Cell, ...]] = []
    running, count = 0.0, len(found.holders)
    for at, (holder, letter) in enumerate(zip(found.holders, classes(found.holders), strict=True), 1):
        running += holder.amount
        held = (holder.amount, holder.amount / found.total, running / found.total)
        if at <= MOST_LISTED or at == count or at % max(1, count // MOST_LISTED) == 0:
            rows.append((at / count, holder.name, *held, letter))
    kinds = (pl.Float64, pl.String, pl.Float64, pl.Float64, pl.Float64, pl.String)
    schema = {c.name: k for c, k in zip(columns, kinds, strict=True)}
    title = f"{amount}: {together}"
    return Result(pl.DataFrame(rows, schema=schema, orient="row"), columns), Chart(
        "line", part, (together,), title=title, reason="concentration"
    )
