"""In: a statement that a person wrote, and the tools. Out: its rows, through the same guard as everything else."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from bi_chat.charts.choose import choose_chart
from bi_chat.conversation.pipeline import in_language
from bi_chat.conversation.running import Tools, run
from bi_chat.errors import EngineError
from bi_chat.narration.issues import issue as say_issue
from bi_chat.ports import Engine
from bi_chat.sql.guard import check
from bi_chat.sql.pivots import MOST_VALUES, TooManyValues, with_listed_values
from bi_chat.values.answer import AnswerValue, Timing
from bi_chat.values.catalog import Catalog
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.plan import Plan
from bi_chat.values.query import CheckedQuery
from bi_chat.values.question import Question
from bi_chat.values.result import Result


def rows_of(sql: str, tools: Tools, language: str = "en") -> Result | Issue:
    """The rows of a statement, or why there are none."""
    checked = admitted(sql, tools.catalog, tools.engine, row_limit=tools.row_limit)
    if isinstance(checked, Issue):
        return in_language(checked, language)
    return run(checked, tools, language)


def admitted(sql: str, catalog: Catalog, engine: Engine, *, row_limit: int) -> CheckedQuery | Issue:
    """The checked statement; the columns of an open PIVOT are read from the data first, through the same guard."""
    checked = check(sql, catalog, row_limit=row_limit)
    if isinstance(checked, CheckedQuery) or "pivot" not in sql.lower():
        return checked

    def ask(values: str) -> tuple[str, ...] | None:
        found = check(values, catalog, row_limit=MOST_VALUES + 1)
        if isinstance(found, Issue):
            return None
        try:
            return tuple(str(row[0]) for row in engine.run(found).rows)
        except EngineError:
            return None

    try:
        listed = with_listed_values(sql, ask)
    except TooManyValues as many:
        return replace(checked, problem=f"{many} List the ones you need: PIVOT … ON status IN ('open', 'paid').")
    return checked if listed is None else check(listed, catalog, row_limit=row_limit)


def try_out(sql: str, *, catalog: Catalog, engine: Engine) -> Issue | None:
    """What is wrong with a statement, found without a row of it; None for nothing."""
    from sqlglot import exp, parse_one

    whole = check(sql, catalog, row_limit=1)
    if isinstance(whole, Issue):
        return whole
    inside = parse_one(whole.sql, dialect="duckdb")
    tried = exp.select("*").from_(inside.subquery("tried")).limit(0)  # type: ignore[attr-defined]
    checked = check(tried.sql(dialect="duckdb"), catalog, row_limit=1)
    if isinstance(checked, Issue):
        return checked
    try:
        engine.run(checked)
    except EngineError as error:
        return say_issue(IssueCode.ENGINE_FAILED, "en", reason=str(error))
    return None


def answer_sql(sql: str, question: Question, tools: Tools) -> AnswerValue:
    """A person's own SQL as an answer."""
    started = perf_counter()
    result = rows_of(sql, tools, question.language)
    timings = (Timing("running", perf_counter() - started),)
    if isinstance(result, Issue):
        return AnswerValue(question, "declined", sql=sql, issues=(result,), timings=timings)
    chart = choose_chart(result, Plan())
    return AnswerValue(question, "answered", sql=sql, result=result, chart=chart, confidence=1.0, timings=timings)
