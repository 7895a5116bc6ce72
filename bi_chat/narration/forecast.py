"""In: forecasts and the column they are of. Out: sentences; every number in them is one of their values."""

from __future__ import annotations

import math
from functools import partial

from bi_chat.language.display import one_line, show_cell, show_date, show_number
from bi_chat.narration.pack import say_from, word_from
from bi_chat.values.forecast import CalendarEffect, Forecast, History
from bi_chat.values.holidays import is_holiday
from bi_chat.values.query import ResultColumn

_EVENTS = 4  # the clearest that are told
_say = partial(say_from, "forecast")
forecast_word = partial(word_from, "forecast")


def refused_sentence(why: str, language: str) -> str:
    """Why no forecast can be made."""
    return _say("refused", language, why=why)


def forecast_sentences(
    found: tuple[tuple[str, History, Forecast], ...],
    column: ResultColumn,
    grain: str,
    language: str,
    whole: Forecast | None = None,
) -> tuple[str, ...]:
    """The next step and the last, the total and last year's, how the method would have done.
    Several groups: the largest, and their `whole` where they add up to one."""
    if not found:
        return ()
    if len(found) > 1:
        together = (_say("whole", language, **_step(whole, -1, column, grain, language)),) if whole is not None else ()
        sure = _sure(whole, column, grain, language) if whole is not None else ()
        return (*_many(found, column, grain, language), *together, *sure)
    _, history, made = found[0]
    told = [_say("next", language, **_step(made, 0, column, grain, language))]
    if len(made.mean) > 1:
        told.append(_say("last", language, **_step(made, -1, column, grain, language)))
        if history.kind.value == "sum":
            told.append(_total(history, made, column, grain, language))
    return (*told, *_sure(made, column, grain, language))


def _sure(made: Forecast, column: ResultColumn, grain: str, language: str) -> tuple[str, ...]:
    """What the calendar does to it, and how far to trust it."""
    told = [e for e in made.events if e.ahead is not None] or list(made.events[:_EVENTS])
    events = tuple(_event(e, column, grain, language) for e in told[:_EVENTS])
    return (*events, *_trust(made, language))


def _event(effect: CalendarEffect, column: ResultColumn, grain: str, language: str) -> str:
    known = is_holiday(effect.event)
    name = forecast_word(effect.event, language, group="events") if known else one_line(effect.event, 60)
    event = forecast_word(effect.side, language, group="sides", event=name)
    fields = {
        "event": event[:1].upper() + event[1:],
        "measure": column.label or column.name,
        "size": _percent(abs(effect.share), language),
        "seen": str(effect.seen),
        "at": show_date(effect.ahead.date(), grain, language) if effect.ahead is not None else "",
    }
    return _say("raised" if effect.share > 0 else "lowered", language, **fields)


def _step(made: Forecast, at: int, column: ResultColumn, grain: str, language: str) -> dict[str, str]:
    band = made.band(80)
    bounds = (band.lower[at], band.upper[at]) if band is not None else (made.mean[at], made.mean[at])
    show = [show_cell(made.shown(v), column, language) for v in (made.mean[at], *bounds)]
    when = show_date(made.times[at].date(), grain, language)
    return {"measure": column.label or column.name, "mean": show[0], "low": show[1], "high": show[2], "at": when}


def _total(history: History, made: Forecast, column: ResultColumn, grain: str, language: str) -> str:
    steps = len(made.mean)
    total = math.fsum(made.mean)
    season = {"month": 12, "quarter": 4, "week": 52, "year": 1, "day": 365}.get(grain, 0)
    before = history.values[-season : len(history.values) - season + steps] if 0 < steps <= season else ()
    known = [v for v in before if v is not None]
    fields = {
        "mean": show_cell(made.shown(total), column, language),
        "from": show_date(made.times[0].date(), grain, language),
        "at": show_date(made.times[-1].date(), grain, language),
    }
    if len(known) == steps and len(history.values) >= season and math.fsum(known) > 0:
        fields["change"] = _percent(total / math.fsum(known) - 1, language, signed=True)
    return _say("total", language, **fields)


def _trust(made: Forecast, language: str) -> tuple[str, ...]:
    tried = made.backtest
    if tried is None or tried.share is None:
        return ()
    naive = forecast_word(tried.naive, language)
    fields = {"origins": str(tried.origins), "share": _percent(tried.share, language), "naive": naive}
    if tried.naive_share is not None:
        fields["naive_share"] = _percent(tried.naive_share, language)
    told = [_say("backtest", language, **fields)]
    if tried.error >= tried.naive_error:
        told.append(_say("better_naive", language, naive=naive))
    return tuple(told)


def _many(
    found: tuple[tuple[str, History, Forecast], ...], column: ResultColumn, grain: str, language: str
) -> tuple[str, ...]:
    name, _, made = max(found, key=lambda f: f[2].mean[-1])
    step = _step(made, -1, column, grain, language)
    return (_say("many", language, **step, count=str(len(found)), group=name),)


def _percent(value: float, language: str, *, signed: bool = False) -> str:
    sign = "+" if signed and value > 0 else ""
    return f"{sign}{show_number(value * 100, language=language, decimals=1)}%"
