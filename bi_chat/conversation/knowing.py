"""In: a forecast that is to know other figures or events. Out: these, asked for like any question, and their help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from bi_chat.conversation.running import Tools, runner
from bi_chat.forecasters import forecast
from bi_chat.forecasters.regression import forecast_beside
from bi_chat.narration.pack import spoken
from bi_chat.narration.phrases import Tongue, measure_words
from bi_chat.semantics.happenings import happenings_in
from bi_chat.sql.joins import reachable
from bi_chat.values.analyses import Forecast
from bi_chat.values.forecast import Forecast as Forecasted
from bi_chat.values.forecast import History, OwnEvent
from bi_chat.values.issue import Issue
from bi_chat.values.period import Grain
from bi_chat.values.plan import Condition, Dimension, FieldRef, In, Measured, Plan, TimeBucket
from bi_chat.values.query import Note
from bi_chat.values.question import Question
from bi_chat.values.result import Cell

MOST_EVENTS = 5_000
HistoryOf = Callable[[Plan], History | None]


def knowing(
    made: Forecasted, history: History, plan: Plan, asked: Forecast, history_of: HistoryOf, of: tuple[Question, Tools]
) -> Forecasted:
    """The forecast that knows the figures one after the other, each only where a back-test says that it helps; said
    either way. `history_of` gives the one series of a plan."""
    question, tools = of
    tongue = Tongue(tools.model, spoken(question.language), question.asked_on)
    time = tuple(d for d in plan.dimensions if isinstance(d.of, TimeBucket))
    for measure in asked.beside:
        name = measure_words(measure, tongue)
        other = history_of(replace(plan, measures=(Measured(measure),), dimensions=time))
        ended = _until(other, history) if other is not None else None
        found = forecast_beside(history, ended, made, asked.horizon, forecast) if ended is not None else None
        if found is None:
            note = Note("beside_too_little", (("field", name),), warning=True)
        else:
            size = max(sum(abs(v or 0.0) for v in history.values) / max(len(history.values), 1), 1e-12)
            shares = (("share", f"{found.error / size:.6f}"), ("plain", _percent(found.plain / size)))
            note = Note("beside_helps" if found.helps else "beside_no_help", (("field", name), *shares))
            made = found.made
        made = replace(made, notes=(*made.notes, note))
    return made


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _until(other: History, history: History) -> History | None:
    """The other figure up to where the history ends; None where it ends before."""
    if history.times[-1] not in other.times:
        return None
    end = other.times.index(history.times[-1]) + 1
    return replace(other, times=other.times[:end], values=other.values[:end])


def own_events(dataset: str, plan: Plan, question: Question, tools: Tools) -> tuple[OwnEvent, ...]:
    """The events of a dataset by name, past and to come; of those conditions that they have, too."""
    rows_of = tools.model.dataset(dataset)
    found = happenings_in(rows_of) if rows_of is not None else None
    if found is None:
        return ()
    shown = tuple(Dimension(FieldRef(dataset, f)) for f in (found.name, found.first, found.last) if f)
    near = {dataset, *reachable(tools.model, dataset)}
    where = tuple(c for c in plan.where if _datasets(c) <= near)
    listed = Plan(dimensions=shown, base=dataset, where=where, distinct=True)
    rows = runner(tools, question.asked_on, question.language, row_limit=MOST_EVENTS)(listed, tools.model)
    if isinstance(rows, Issue):
        return ()
    spans: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for row in rows.rows:
        first, last = _day(row[1]), _day(row[-1])
        if row[0] is not None and first is not None and last is not None and first <= last:
            spans[str(row[0])].append((first, last + timedelta(days=1)))
    return tuple(OwnEvent(name, tuple(sorted(days))) for name, days in sorted(spans.items()))


def with_word_on_events(made: tuple[Forecasted, ...], asked: Forecast, history: History) -> Forecasted:
    """The first forecast, with a word where the events that were named changed nothing."""
    names = {e.name for e in history.events}
    if any(effect.event in names for one in made for effect in one.events):
        return made[0]
    fit = asked.grain in (Grain.DAY, Grain.WEEK)
    note = Note("events_no_help" if fit else "events_need_days", (("count", str(len(names))),))
    return replace(made[0], notes=(*made[0].notes, note))


def _datasets(condition: Condition) -> set[str]:
    """Datasets of a plain condition; one that can't be seen through belongs to none of the events."""
    plain = isinstance(condition, In) and isinstance(condition.of, FieldRef)
    return {condition.of.dataset} if plain else {""}  # type: ignore[union-attr]


def _day(cell: Cell) -> date | None:
    return cell.date() if isinstance(cell, datetime) else cell if isinstance(cell, date) else None
