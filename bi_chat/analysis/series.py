"""In: (time, value) rows in any order. Out: a regular history with notes on what was done, or why there can't be one.

Nothing is mended silently: each repair is a note with its count and the first times it touched.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo

from bi_chat.analysis.frequency import Step, anchored, grid, step_of
from bi_chat.values.forecast import History, Refusal, SeriesKind
from bi_chat.values.period import Grain
from bi_chat.values.query import Note

Row = tuple[object, object]
FEWEST = 3
MOST_UNKNOWN = 0.5
_NAMED = 3
_SEASONS: dict[Grain, tuple[int, ...]] = {
    Grain.HOUR: (24, 168),
    Grain.DAY: (7, 365),
    Grain.WEEK: (52,),
    Grain.MONTH: (12,),
    Grain.QUARTER: (4,),
    Grain.YEAR: (),
}
_WEEKDAY_SEASONS = (5, 261)


@dataclass(slots=True)
class _Work:
    """Rows under repair and the notes so far."""

    rows: list[tuple[datetime, float]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, at: Sequence[object] = (), *, warning: bool = False, **args: object) -> None:
        """Add a note; `at` are the times it concerns: their count and the first three are told."""
        said = {k: str(v) for k, v in args.items()}
        if at:
            said |= {"count": str(len(at)), "times": ", ".join(str(t) for t in at[:_NAMED])}
        self.notes.append(Note(code, tuple(said.items()), warning))


def make_history(
    rows: Iterable[Row],
    *,
    kind: SeriesKind | None = None,
    grain: Grain | None = None,
    every: int = 1,
    data_end: datetime | None = None,
    asked_on: datetime | None = None,
    zone: tzinfo | None = None,
    name: str = "",
) -> History | Refusal:
    """Make a history regular.

    `kind`: how a missing time is filled and repeated times become one; without it missing times are unknown and
    repeated times refused. `grain` and `every`: the step, found if not given. `data_end`: the last moment that the data
    know of; `asked_on`: now. A last period that ends after either of them is left out. `zone`: the one to convert to.
    """
    work = _Work()
    _read(rows, work, zone)
    known = len({t for t, _ in work.rows})
    if known < FEWEST:
        return _refused("too_few_values", name, have=known, need=FEWEST)
    times = [t for t, _ in work.rows]
    step = anchored(grain, every, times) if grain is not None else step_of(times)
    if step is None:
        return _refused("no_regular_step", name, have=known)
    refusal = _unite(work, step, kind, name)
    if refusal is not None:
        return refusal
    left_out = _cut_incomplete(work, step, data_end, asked_on)
    return _build(work, step, kind or SeriesKind.LEVEL, name, left_out)


def _refused(code: str, name: str, **args: object) -> Refusal:
    return Refusal(Note(code, tuple((k, str(v)) for k, v in args.items()), warning=True), name)


def _read(rows: Iterable[Row], work: _Work, zone: tzinfo | None) -> None:
    """Keep what is a time and a finite number, in order; tell of everything else."""
    no_number: list[object] = []
    no_time = 0
    zones: set[str] = set()
    for at, value in rows:
        when, number = _time(at, zone, zones), _number(value)
        if when is None:
            no_time += 1
        elif number is None:
            if value is not None and not (isinstance(value, float) and math.isnan(value)):
                no_number.append(when)
        else:
            work.rows.append((when, number))
    if no_number:
        work.note("not_a_number", no_number, warning=True)
    if no_time:
        work.note("not_a_time", count=no_time, warning=True)
    if len(zones) > 1 or (zones and zones != {"naive"}):
        work.note("zones_unified", zones=", ".join(sorted(zones)), zone=zone or "UTC", warning=len(zones) > 1)
    if any(b < a for (a, _), (b, _) in zip(work.rows, work.rows[1:], strict=False)):
        work.rows.sort(key=lambda row: row[0])
        work.note("sorted")


def _time(at: object, zone: tzinfo | None, zones: set[str]) -> datetime | None:
    """A plain time in one zone. Hours are regular in UTC but not where summer time is kept: that is the default."""
    if isinstance(at, datetime):
        zones.add(str(at.tzinfo) if at.tzinfo else "naive")
        return at.astimezone(zone or UTC).replace(tzinfo=None) if at.tzinfo else at
    return datetime.combine(at, time()) if isinstance(at, date) else None


def _number(value: object) -> float | None:
    """A finite number; a text or an infinity is None."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # Decimal and numpy numbers are welcome
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _unite(work: _Work, step: Step, kind: SeriesKind | None, name: str) -> Refusal | None:
    """One value for each time. Times off the grid move to their period, with a warning."""
    times = [t for t, _ in work.rows]
    repeated = [t for t, count in Counter(times).items() if count > 1]
    if repeated and kind is None:
        named = ", ".join(str(t) for t in repeated[:_NAMED])
        return _refused("repeated_times", name, count=len(repeated), times=named)
    if repeated:
        work.note("repeated_times", repeated, how=kind or "")
    off = [t for t in dict.fromkeys(times) if not step.holds(t)]
    if off:
        work.note("irregular_times", off, grain=step.grain.value, every=step.every, warning=True)
    gathered: dict[datetime, list[float]] = {}
    for at, value in work.rows:
        gathered.setdefault(step.floor(at) if off else at, []).append(value)
    summed = kind is SeriesKind.SUM
    work.rows = [(t, math.fsum(v) if summed else math.fsum(v) / len(v)) for t, v in gathered.items()]
    return None


def _cut_incomplete(
    work: _Work, step: Step, data_end: datetime | None, asked_on: datetime | None
) -> tuple[datetime, float] | None:
    """Take the last period off where it was not over when the data end: half a month is no small month."""
    known_to = min((t for t in (data_end, asked_on) if t is not None), default=None)
    last, value = work.rows[-1]
    if known_to is None or step.after(step.floor(last)) <= known_to.replace(tzinfo=None):
        return None
    work.rows.pop()
    work.note("incomplete_period_left_out", time=last, through=known_to, value=f"{value:.12g}", warning=True)
    return last, value


def _build(
    work: _Work, step: Step, kind: SeriesKind, name: str, left_out: tuple[datetime, float] | None
) -> History | Refusal:
    known = dict(work.rows)
    if len(known) < FEWEST:
        return _refused("too_few_values", name, have=len(known), need=FEWEST)
    weekdays = step.grain is Grain.DAY and step.every == 1 and _no_weekends(list(known))
    times = grid(min(known), max(known), step, weekdays_only=weekdays)
    missing = [t for t in times if t not in known]
    if missing and kind is SeriesKind.LEVEL and len(missing) > MOST_UNKNOWN * len(times):
        return _refused("mostly_unknown", name, have=len(known), of=len(times))
    if missing:
        code = "missing_as_zero" if kind is SeriesKind.SUM else "missing_unknown"
        work.note(code, missing, warning=len(missing) > 0.1 * len(times))
    empty = 0.0 if kind is SeriesKind.SUM else None
    values = [known.get(t, empty) for t in times]
    times, values = _without_leading_zeros(work, times, values)
    numbers = [v for v in values if v is not None]
    return History(
        times=tuple(times),
        values=tuple(values),
        grain=step.grain,
        season=_season(step, weekdays=weekdays),
        every=step.every,
        kind=kind,
        name=name,
        counts=all(v == round(v) for v in numbers),
        weekdays_only=weekdays,
        left_out=left_out,
        notes=tuple(work.notes),
    )


def _no_weekends(times: list[datetime]) -> bool:
    """Business days: two weeks at least, and never a Saturday or Sunday."""
    return len(times) >= 10 and all(t.isoweekday() < 6 for t in times)


def _season(step: Step, *, weekdays: bool) -> tuple[int, ...]:
    """Season lengths in steps, where a whole number of steps makes one."""
    if weekdays:
        return _WEEKDAY_SEASONS
    return tuple(m // step.every for m in _SEASONS[step.grain] if m % step.every == 0 and m // step.every > 1)


def _without_leading_zeros(
    work: _Work, times: list[datetime], values: list[float | None]
) -> tuple[list[datetime], list[float | None]]:
    """What was not there yet says nothing about what is: zeros before the first value go, unless zeros are usual."""
    first = next((i for i, v in enumerate(values) if v), 0)
    later = values[first:]
    if first < 2 or len(later) < 8 or sum(v == 0 for v in later) > 0.1 * len(later):
        return times, values
    work.note("leading_zeros_left_out", times[:first])
    return times[first:], later
