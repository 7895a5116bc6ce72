"""In: an answer begun, and a plan that asks for future values. Out: the answer with history, forecast and its range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from bi_chat.analysis.series import make_history
from bi_chat.conversation.knowing import knowing, own_events, with_word_on_events
from bi_chat.conversation.running import Tools, run
from bi_chat.forecasters import forecast, forecast_many
from bi_chat.forecasters.coherent import coherent
from bi_chat.narration.forecast import forecast_sentences, forecast_word, refused_sentence
from bi_chat.narration.labels import labelled
from bi_chat.narration.notes import say_note
from bi_chat.sql.compile import compile_plan
from bi_chat.sql.guard import check
from bi_chat.values.analyses import Forecast
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.chart import Chart
from bi_chat.values.forecast import Forecast as Forecasted
from bi_chat.values.forecast import History, Refusal, SeriesKind
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.plan import Plan
from bi_chat.values.query import Note, Query, ResultColumn
from bi_chat.values.question import Question
from bi_chat.values.result import Cell, Result

SHOWN_HISTORY = 60
MOST_GROUPS = 500
SECONDS = 10.0
Series = tuple[str, History, Forecasted]


@dataclass(frozen=True, slots=True)
class Past:
    """What a forecast begins with: the statement, its rows, and each group's history or why there is none."""

    sql: str
    rows: Result
    histories: list[tuple[str, History | Refusal]]


def foretell(part: AnswerValue, plan: Plan, asked: Forecast, tools: Tools) -> AnswerValue:
    """Compile and run the series, forecast each group, tell and draw them.
    Too short a history is an issue, said why."""
    language = part.question.language
    past = past_of(plan, asked, part.question, tools)
    if isinstance(past, Issue):
        return replace(part, issues=(past,))
    part, histories = replace(part, sql=past.sql), past.histories
    known = [(name, h) for name, h in histories if isinstance(h, History)]
    if not known:
        refused = next((h for _, h in histories if isinstance(h, Refusal)), None)
        why = say_note(refused.note, language) if refused is not None else ""
        return replace(part, issues=(Issue(IssueCode.UNSUPPORTED, refused_sentence(why, language)),))
    if asked.events:
        events = own_events(asked.events, plan, part.question, tools)
        known = [(name, replace(h, events=events)) for name, h in known]
    made = tuple(forecast_many([h for _, h in known], asked.horizon, time_budget=SECONDS))
    if asked.events:
        made = (with_word_on_events(made, asked, known[0][1]), *made[1:])
    if asked.beside and len(made) == 1:
        of = (part.question, tools)
        made = (knowing(made[0], known[0][1], plan, asked, lambda p: _only_history(p, asked, *of), of),)
    elif asked.beside:
        made = (replace(made[0], notes=(*made[0].notes, Note("beside_only_one", warning=True))), *made[1:])
    whole = None
    if len(made) > 1 and len(known) == len(histories):
        made, whole = _agreed(made, [h for _, h in known], asked.horizon)
    found = tuple((name, h, f) for (name, h), f in zip(known, made, strict=True))
    return _told(part, past.rows, found, asked, histories, whole)


def past_of(plan: Plan, asked: Forecast, question: Question, tools: Tools) -> Past | Issue:
    """The rows of a plan that ask for future values, and the history of each group, the largest first."""
    query = compile_plan(replace(plan, chart=None, limit=None), tools.model, question.asked_on)
    if isinstance(query, Issue):
        return query
    checked = check(query, tools.catalog, row_limit=100_000)
    rows = checked if isinstance(checked, Issue) else run(checked, tools, question.language)
    if isinstance(rows, Issue):
        return rows
    rows = replace(rows, columns=labelled(rows.columns, plan, tools.model, question.language, question.asked_on))
    return Past(query.sql, rows, _histories(rows, asked, question.asked_at, _through(query)))


def _only_history(plan: Plan, asked: Forecast, question: Question, tools: Tools) -> History | None:
    past = past_of(plan, asked, question, tools)
    found = past.histories[0][1] if not isinstance(past, Issue) and len(past.histories) == 1 else None
    return found if isinstance(found, History) else None


def _agreed(
    made: tuple[Forecasted, ...], parts: list[History], horizon: int
) -> tuple[tuple[Forecasted, ...], Forecasted | None]:
    """Groups of what adds up made to agree with their total, which is forecast beside them."""
    if any(h.kind is not SeriesKind.SUM or h.times[-1] != parts[0].times[-1] for h in parts):
        return made, None
    sums: dict[datetime, float] = {}
    for history in parts:
        for at, value in zip(history.times, history.values, strict=True):
            sums[at] = sums.get(at, 0.0) + (value or 0.0)
    total = make_history(tuple(sums.items()), kind=SeriesKind.SUM, grain=parts[0].grain, name="total")
    if isinstance(total, Refusal) or total.times[-1] != parts[0].times[-1]:
        return made, None
    return coherent(made, forecast(total, horizon))


def _through(query: Query) -> datetime | None:
    """The last day that the data know of, where the compiler found the last period incomplete."""
    args = next((dict(n.args) for n in query.notes if n.code == "partial_period"), {})
    return datetime.fromisoformat(args["through"]) if "through" in args else None


def _histories(
    rows: Result, asked: Forecast, asked_at: datetime, through: datetime | None
) -> list[tuple[str, History | Refusal]]:
    time, measure = rows.role("time")[0], rows.role("measure")[0]
    groups = [c.name for c in rows.role("dimension")]
    kind = SeriesKind.SUM if measure.additive else SeriesKind.LEVEL
    table = rows.frame.select([*groups, time.name, measure.name]).rows()
    named = sorted(
        ((", ".join(map(_name, r[: len(groups)])), r[-2], r[-1]) for r in table), key=lambda r: (r[0], str(r[1]))
    )
    found = []
    last = max((_moment(t) for _, t, _ in named if t is not None), default=None)
    for name, part in groupby(named, key=lambda r: r[0]):
        series = [(_moment(t), None if v is None else float(v)) for _, t, v in part if t is not None]
        if groups and kind is SeriesKind.SUM and last is not None and all(t < last for t, _ in series):
            series.append((last, 0.0))  # a group that stopped is at 0 now, not where it once stood
        found.append(
            (name, make_history(series, kind=kind, grain=asked.grain, data_end=through, asked_on=asked_at, name=name))
        )
    weight = {name: sum(v or 0 for v in h.values) for name, h in found if isinstance(h, History)}
    return sorted(found, key=lambda f: -weight.get(f[0], 0.0))[:MOST_GROUPS]


def _name(cell: Cell) -> str:
    return "–" if cell is None else str(cell)


def _moment(cell: Cell) -> datetime:
    if isinstance(cell, datetime):
        return cell
    return datetime(cell.year, cell.month, cell.day) if isinstance(cell, date) else datetime.min


def _told(
    part: AnswerValue,
    rows: Result,
    found: tuple[Series, ...],
    asked: Forecast,
    histories: list[tuple[str, History | Refusal]],
    whole: Forecasted | None = None,
) -> AnswerValue:
    language = part.question.language
    time, measure = rows.role("time")[0], rows.role("measure")[0]
    first, *rest = forecast_sentences(found, measure, asked.grain.value, language, whole)
    notes: list[Note] = [n for _, h, f in found for n in (*h.notes, *f.notes)]
    notes += [h.note for _, h in histories if isinstance(h, Refusal)]
    notes = list({n.code: n for n in reversed(notes)}.values())  # one of a kind, of the largest group
    shown, chart = _table(found, time, measure, language)
    return replace(
        part,
        status="answered",
        result=replace(shown, as_of=rows.as_of, seconds=rows.seconds),
        chart=chart,
        narrative=Narrative(first, tuple(rest)),
        assumptions=tuple(dict.fromkeys(say_note(n, language) for n in notes if not n.warning)),
        warnings=tuple(dict.fromkeys(say_note(n, language) for n in notes if n.warning)),
        forecasts=tuple(f for _, _, f in found),
    )


def _table(found: tuple[Series, ...], time: ResultColumn, measure: ResultColumn, language: str) -> tuple[Result, Chart]:
    """History and forecast of one series below each other; of several groups the forecasts only."""
    import polars as pl

    words = [forecast_word(w, language) for w in ("forecast", "low", "high")]
    plain = replace(measure, role="measure", additive=False)
    parts = [replace(plain, name=w, label=w, role="rolling" if i else "measure") for i, w in enumerate(words)]
    rows: list[tuple[Cell, ...]]
    columns: tuple[ResultColumn, ...]
    if len(found) == 1:
        _, history, made = found[0]
        past = list(zip(history.times, history.values, strict=True))[-SHOWN_HISTORY:]
        rows = [*((t.date(), v, None, None, None) for t, v in past), *((t, None, *b) for t, *b in _steps(made))]
        columns = (time, plain, *parts)
        chart = Chart("line", time.name, (measure.name, words[0]), band=(words[1], words[2]), reason="forecast")
    else:
        group = ResultColumn("group", "dimension", "group", additive=False)
        rows = [(t, name, *b) for name, _, made in found for t, *b in _steps(made)]
        columns = (time, group, *parts)
        chart = Chart("line", time.name, (words[0],), color="group", reason="forecast")
    frame = pl.DataFrame({c.name: [r[i] for r in rows] for i, c in enumerate(columns)}, strict=False)
    return Result(frame, columns), chart


def _steps(made: Forecasted) -> list[tuple[date, float, float, float]]:
    band = made.band(80)
    low, high = (band.lower, band.upper) if band is not None else (made.mean, made.mean)
    shown = made.shown
    return [
        (t.date(), shown(m), shown(a), shown(b)) for t, m, a, b in zip(made.times, made.mean, low, high, strict=True)
    ]
