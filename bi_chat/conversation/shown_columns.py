"""In: a question about a column of the table shown last, by its place. Out: its answer, or the question with its name.

A total or an average of a shown column is worked out over the shown rows, by SQL around the statement that gave them:
"the average of the second column" of a table by country is the mean of the countries, which no metric is.
"""

from __future__ import annotations

from dataclasses import replace

from bi_chat.conversation.running import Tools, run
from bi_chat.conversation.suggest import next_questions
from bi_chat.language.display import show_number
from bi_chat.language.meanings import Word
from bi_chat.language.phrases import phrase_book
from bi_chat.language.registry import column_in, get
from bi_chat.narration.issues import issue as say_issue
from bi_chat.narration.notes import say_note
from bi_chat.narration.phrases import Tongue, function_words
from bi_chat.sql.guard import check
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.plan import Fn
from bi_chat.values.query import Note, Query, ResultColumn
from bi_chat.values.question import Question
from bi_chat.values.result import Result

_FUNCTIONS = {
    "average": Fn.AVG,
    "total": Fn.SUM,
    "minimum": Fn.MIN,
    "maximum": Fn.MAX,
    "highest": Fn.MAX,
    "lowest": Fn.MIN,
    "median": Fn.MEDIAN,
    "stddev": Fn.STDDEV,
}
_SMALL = frozenset({"show", "filler", "of", "in", "for", "is", "value"})


def of_shown(question: Question, last: AnswerValue | None, tools: Tools) -> AnswerValue | Question:
    """The answer where it is about a column of `last`; else the question, with the column's name for its place."""
    found = column_in(question.text, question.language)
    if found is None:
        return question
    place, start, end = found
    result = last.result if last is not None else None
    if last is None or result is None:
        return _unclear(question, (), tools)
    columns = tuple(c for c in result.columns if not c.hidden)
    if not 1 <= abs(place) <= len(columns):
        return _unclear(question, columns, tools)
    column = columns[place if place < 0 else place - 1]
    function = _function(question, (start, end))
    if function is None:
        named = f"{question.text[:start]}{column.label or column.name}{question.text[end:]}"
        return replace(question, text=named)
    if not result.frame.schema[column.name].is_numeric():
        return _unclear(question, columns, tools, what=column.label or column.name)
    return _worked_out(question, function, column, last, tools)


def _function(question: Question, span: tuple[int, int]) -> Fn | None:
    """What is to be done with the column, where the sentence says that and nothing else."""
    language = get(question.language)
    tokens = language.tokenize(question.text)
    rest = [i for i, t in enumerate(tokens) if t.end <= span[0] or t.start >= span[1]]
    found = phrase_book(question.language).matches(tokens)
    words = [(m.meaning.tag, range(m.start, m.end)) for m in found if isinstance(m.meaning, Word)]
    wanted = [(tag, at) for tag, at in words if tag in _FUNCTIONS and set(at) <= set(rest)]
    if not wanted:
        return None
    tag, best = max(wanted, key=lambda w: len(w[1]))
    said = {i for other, at in words if other in _SMALL for i in at} | set(best)
    left = [i for i in rest if i not in said and any(ch.isalnum() for ch in tokens[i].text)]
    return None if left else _FUNCTIONS[tag]


def _worked_out(question: Question, function: Fn, column: ResultColumn, last: AnswerValue, tools: Tools) -> AnswerValue:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    over = exp.to_identifier(column.name, quoted=True)
    calls = {Fn.AVG: exp.Avg, Fn.SUM: exp.Sum, Fn.MIN: exp.Min, Fn.MAX: exp.Max, Fn.MEDIAN: exp.Median}
    try:
        shown = sqlglot.parse_one(last.sql, dialect="duckdb")
    except SqlglotError:
        return _unclear(question, (), tools)
    call = calls.get(function, exp.Stddev)(this=exp.Column(this=over))
    tree = exp.select(exp.alias_(call, "value", quoted=True)).from_(exp.Subquery(this=shown, alias="shown"))
    words = function_words(
        function, column.label or column.name, Tongue(tools.model, question.language, question.asked_on)
    )
    kind = "number" if column.format == "integer" and function in (Fn.AVG, Fn.STDDEV) else column.format
    of = replace(column, name="value", label=words, role="measure", format=kind)
    written_by = "compiler" if last.plan is not None else "person"
    query = Query(tree, (of,), written_by=written_by)
    checked = check(query, tools.catalog, row_limit=tools.row_limit)
    result = checked if isinstance(checked, Issue) else run(checked, tools, question.language)
    if isinstance(result, Issue):
        return AnswerValue(question, "declined", sql=query.sql, issues=(result,))
    return _told(question, query, result, last, words)


def _told(question: Question, query: Query, result: Result, last: AnswerValue, words: str) -> AnswerValue:
    value = result.frame["value"][0] if result.frame.height else None
    column = query.columns[0]
    number = show_number(value, language=question.language, format=column.format, unit=column.unit) if value else "–"
    rows = str(last.result.frame.height) if last.result is not None else ""
    said = say_note(Note("of_shown", (("what", words), ("rows", rows))), question.language)
    headline = f"{words}: {number}" if question.language == "en" else f"{words}：{number}"
    return AnswerValue(
        question,
        "answered",
        sql=query.sql,
        result=result,
        restatement=said,
        narrative=Narrative(headline[:1].upper() + headline[1:]),
        confidence=1.0,
    )


def _unclear(question: Question, columns: tuple[ResultColumn, ...], tools: Tools, *, what: str = "") -> AnswerValue:
    known = ", ".join(f"{at} {c.label or c.name}" for at, c in enumerate(columns, 1))
    issue = say_issue(IssueCode.COLUMN, question.language, known=known, what=what)
    offered = next_questions(None, tools.model, question)
    return AnswerValue(question, "clarify", issues=(issue,), next_questions=offered)
