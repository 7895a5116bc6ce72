"""In: a regular history and a horizon. Out: its forecast: cleaned, combined, bounded, with its back-test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bi_chat.analysis.frequency import times_after
from bi_chat.forecasters.arrays import Floats, Ints, filled
from bi_chat.forecasters.backtest import ORIGINS, Actual, origins_of
from bi_chat.forecasters.baseline import naive, seasonal_naive
from bi_chat.forecasters.calendar import Calendar, Lift, calendar_of
from bi_chat.forecasters.ensemble import Combination, Member, combine
from bi_chat.forecasters.intervals import Spread, bounds, lifted_bounds, spread_of
from bi_chat.forecasters.limits import Limits
from bi_chat.forecasters.short import SHORT, short_bounds, short_forecast
from bi_chat.forecasters.statistical.grid import grid_forecasts
from bi_chat.forecasters.statistical.intermittent import is_intermittent, rare_demand_bounds, rare_demand_forecasts
from bi_chat.forecasters.unusual import Cleaned, clean
from bi_chat.values.forecast import Backtest, Band, CalendarEffect, Forecast, History, Weight
from bi_chat.values.query import Note

# The latest values that are looked at, by length of the shortest season: older ones tell little and cost time.
_KEEP = {24: 1000, 7: 1100, 5: 1100}
_KEEP_OTHER = 600
_HASTY = 12  # origins under a tight budget
_FARTHEST = 400  # steps ahead over which the calendar is looked at
_BETTER = 0.97  # part of the error without the calendar that must not be exceeded with it
_SECONDS = 0.05  # what the full number of origins takes on a slow machine


@dataclass(frozen=True, slots=True)
class Fitted:
    """A forecast before its ranges: those need what other series of a group show. `spread` is in units of `scale`.

    `mean` is that of usual steps; `lift` what the calendar adds to it.
    """

    history: History
    y: Floats
    scale: float
    mean: Floats
    method: str
    notes: tuple[Note, ...]
    spread: Spread | None = None
    backtest: Backtest | None = None
    weights: tuple[Weight, ...] = ()
    lift: Lift | None = None
    events: tuple[CalendarEffect, ...] = ()


def fit(history: History, horizon: int, *, time_budget: float | None = None) -> Fitted:
    """Everything but the ranges. `time_budget` in seconds: a tight one lowers the number of origins."""
    y = filled(history.values, history.season[0] if history.season else 0)
    y = y[-_KEEP.get(history.season[0] if history.season else 0, _KEEP_OTHER) :]
    scale = float(np.abs(y).mean())
    if len(y) < SHORT or np.ptp(y) <= 1e-12 * scale:
        return _simple(history, y, horizon)
    season = history.season[0] if history.season else 1
    limits = Limits.of(y)
    rare = is_intermittent(y)
    calendar = None if rare else _calendar(history, y, horizon)
    usual = y if calendar is None else calendar.without(y)
    cleaned = Cleaned(usual / scale) if rare else clean(usual / scale, history.season)
    count = ORIGINS if time_budget is None or time_budget >= _SECONDS else _HASTY
    at = origins_of(len(y), horizon, season, count=count)
    made, members = _candidates(cleaned.values, history, at, horizon, rare=rare)
    actual = Actual.after(cleaned.values, at[:-1], horizon)
    found = combine(made, actual, members)
    log_share = sum(float(w) for w, m in zip(found.weights, members, strict=True) if m.log)
    spread = spread_of(
        found.made[:-1],
        actual.values,
        actual.seen,
        tested=len(y) - int(at[0]),
        log_scale=log_share >= 0.5,
        young=season > 1 and season + season // 2 + 2 <= int(at[0]) < 2 * season + 2,
    )
    return Fitted(
        history,
        y,
        scale,
        limits.kept(found.made[-1] * scale),
        "intermittent" if rare else "combination",
        _notes(history, y, cleaned, rare=rare),
        spread,
        _backtest(history, y, at, _lifted(found.made[:-1], at[:-1], calendar) * scale),
        _shares(found, members),
        None if calendar is None else calendar.lift(len(y), len(y), horizon),
        () if calendar is None else _events(calendar, len(y), times_after(history, horizon)),
    )


def _calendar(history: History, y: Floats, horizon: int) -> Calendar | None:
    """Holidays and shopping days, where forecasts made before earlier ones were better with them than without."""
    if history.every != 1 or horizon > _FARTHEST:
        return None
    season = history.season[0] if history.season else 1
    calendar = calendar_of(y, history.times[-len(y) :], times_after(history, horizon), history.grain, history.events)
    if calendar is None:
        return None
    least = [k for k in (*(m + m // 2 + 2 for m in history.season), 2 * season + 2, len(y) // 3) if k < len(y) * 3 // 4]
    at = np.append(calendar.origins(horizon, max(least)), len(y))
    if len(at) < 2:
        return None
    came = Actual.after(y, at[:-1], horizon)
    plain, without = (_tried(clean(v, history.season).values, history, at, horizon) for v in (y, calendar.without(y)))
    lifted = _lifted(without, at[:-1], calendar)
    off, usual_off = (float((np.abs(made - came.values) * came.seen).sum()) for made in (lifted, plain))
    return calendar if off < _BETTER * usual_off else None


def _tried(values: Floats, history: History, at: Ints, horizon: int) -> Floats:
    """The combination from each origin but the last (O - 1, h)."""
    made, members = _candidates(values, history, at, horizon, rare=False)
    return combine(made, Actual.after(values, at[:-1], horizon), members).made[:-1]


def _lifted(made: Floats, at: Ints, calendar: Calendar | None) -> Floats:
    """Forecasts (O, h) of usual steps with what each origin knew of the calendar."""
    if calendar is None:
        return made
    horizon = made.shape[1]
    lifts: Floats = np.array([1 + calendar.lift(int(t), int(t), horizon).size for t in at])
    return made * lifts


def _events(calendar: Calendar, known: int, ahead: tuple[datetime, ...]) -> tuple[CalendarEffect, ...]:
    """What is told of the calendar, the events ahead first."""
    made = []
    for part, share, seen in calendar.effects():
        steps = [int(s) - known for t in part.times for s in t.steps if 0 <= s - known < len(ahead)]
        made.append(CalendarEffect(part.event, part.side, share, seen, ahead[min(steps)] if steps else None))
    return tuple(sorted(made, key=lambda e: e.ahead is None))


def _candidates(values: Floats, history: History, at: Ints, horizon: int, *, rare: bool) -> tuple[Floats, list[Member]]:
    """Forecasts (O, K, h) of the methods that suit the series, inside its limits."""
    if rare:
        made, members = rare_demand_forecasts(values, at, horizon)
    else:
        made, members = grid_forecasts(values, history.season, at, horizon)
    return Limits.of(values).kept(made), members


def finish(fitted: Fitted, levels: tuple[int, ...], factors: dict[int, float]) -> Forecast:
    """Add the ranges, nested and inside the limits; `factors` by level as `intervals.group_factor` gives them."""
    limits = Limits.of(fitted.y)
    bands: list[Band] = []
    mean = fitted.mean if fitted.lift is None else limits.kept(fitted.mean * (1 + fitted.lift.size))
    inner = (mean, mean)
    for level in sorted(levels):
        low, high = (limits.kept(b) for b in _bounds(fitted, level, factors[level]))
        inner = (np.minimum(low, inner[0]), np.maximum(high, inner[1]))
        bands.append(Band(level, _tuple(inner[0]), _tuple(inner[1])))
    history = fitted.history
    return Forecast(
        times=times_after(history, len(mean)),
        mean=_tuple(mean),
        bands=tuple(bands),
        method=fitted.method,
        name=history.name,
        counts=history.counts,
        backtest=fitted.backtest,
        weights=fitted.weights,
        notes=(*history.notes, *fitted.notes),
        events=fitted.events,
    )


def _simple(history: History, y: Floats, horizon: int) -> Fitted:
    """A constant, or too few values for a back-test."""
    if np.ptp(y) <= 1e-12 * float(np.abs(y).mean()):
        notes = [Note("constant_history", (("value", f"{y[-1]:.12g}"),), warning=True)]
        mean, method = naive(y, horizon), "constant"
    else:
        notes, mean, method = [], Limits.of(y).kept(short_forecast(y, horizon)), "short"
    if len(y) < SHORT:
        notes.append(Note("short_history", (("have", str(len(y))), ("need", str(SHORT))), warning=True))
    return Fitted(history, y, 1.0, mean, method, tuple(notes))


def _bounds(fitted: Fitted, level: int, factor: float) -> tuple[Floats, Floats]:
    if fitted.method == "constant":
        return fitted.mean, fitted.mean
    if fitted.method == "intermittent":
        return rare_demand_bounds(fitted.y, fitted.mean, level, 2 * _recent(fitted.history))
    if fitted.spread is None:
        return short_bounds(fitted.y, fitted.mean, level)
    low, high = bounds(fitted.mean / fitted.scale, fitted.spread, level, factor)
    low, high = low * fitted.scale, high * fitted.scale
    return (low, high) if fitted.lift is None else lifted_bounds(fitted.mean, (low, high), fitted.lift, level)


def _recent(history: History) -> int:
    return max(max(history.season, default=1), 26)


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def _shares(found: Combination, members: list[Member]) -> tuple[Weight, ...]:
    """The families' parts, largest first; parts below one percent are left out."""
    total: dict[str, float] = {}
    for weight, member in zip(found.weights, members, strict=True):
        name = member.family if member.view == "plain" else f"{member.family}, {member.view}"
        total[name] = total.get(name, 0.0) + float(weight)
    ranked = sorted(total.items(), key=lambda item: -item[1])
    return tuple(Weight(name, round(share, 4)) for name, share in ranked if share >= 0.01)


def _backtest(history: History, y: Floats, at: Ints, made: Floats) -> Backtest:
    """Errors of made (O - 1, h) against what really came, spikes included, beside those of a naive forecast."""
    horizon = made.shape[1]
    came = Actual.after(y, at[:-1], horizon)
    season = history.season[0] if history.season else 1
    plain = [seasonal_naive(y[:t], horizon, season) if season > 1 else naive(y[:t], horizon) for t in at[:-1]]
    count = max(float(came.seen.sum()), 1.0)
    error = float((np.abs(made - came.values) * came.seen).sum()) / count
    naive_error = float((np.abs(np.array(plain) - came.values) * came.seen).sum()) / count
    size = float((np.abs(came.values) * came.seen).sum()) / count
    return Backtest(
        origins=len(at) - 1,
        first=history.times[len(history.times) - len(y) + int(at[0])],
        error=error,
        naive_error=naive_error,
        share=error / size if size > 0 else None,
        naive_share=naive_error / size if size > 0 else None,
        naive="seasonal_naive" if season > 1 else "naive",
    )


def _notes(history: History, y: Floats, cleaned: Cleaned, *, rare: bool) -> tuple[Note, ...]:
    """What was replaced, by its time, and when to be careful."""
    offset = len(history.times) - len(y)

    def when(position: int) -> str:
        return history.times[offset + position].isoformat()

    made = [Note("spike_replaced", (("time", when(i)), ("value", f"{y[i]:.12g}"))) for i in cleaned.spikes]
    if cleaned.shift is not None:
        made.append(Note("level_shift", (("time", when(cleaned.shift)),), warning=True))
    if cleaned.last_unusual:
        made.append(Note("last_value_unusual", (("time", when(len(y) - 1)), ("value", f"{y[-1]:.12g}")), warning=True))
    if rare:
        made.append(Note("mostly_zero", (("share", f"{(y == 0).mean():.2f}"),)))
    season = history.season[0] if history.season else 1
    if season > 1 and len(y) < 3 * season:
        made.append(Note("no_season_yet", (("have", str(len(y))), ("need", str(3 * season))), warning=True))
    return tuple(made)
