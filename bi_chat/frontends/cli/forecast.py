"""In: a table file with a time and a value column. Out: a table of forecasts with their ranges; notes on stderr."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from bi_chat.analysis.series import Row, make_history
from bi_chat.errors import SettingsError, SourceError
from bi_chat.forecasters import forecast_many
from bi_chat.frontends.cli.events import read_events
from bi_chat.values.forecast import Forecast, History, OwnEvent, Refusal, SeriesKind
from bi_chat.values.period import Grain
from bi_chat.values.query import Note

if TYPE_CHECKING:
    import polars as pl

    from bi_chat.frontends.cli.arguments import Options

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

# the letters of the field's usual frequency codes, and the grains' own names
GRAINS = {"H": Grain.HOUR, "D": Grain.DAY, "W": Grain.WEEK, "M": Grain.MONTH, "Q": Grain.QUARTER, "Y": Grain.YEAR}
NONE_MADE = 1
_TOLD = 20  # notes by kind
_EVERY = 0.5


class ForecastOptions(Protocol):
    """What `register` puts on the options."""

    file: str
    output: str
    time: str
    value: str
    by: str | None
    horizon: int
    freq: str | None
    level: list[int]
    kind: str | None
    as_of: str | None
    events: str | None


@dataclass(slots=True)
class Asked:
    """What the options say, checked."""

    file: Path
    output: Path
    at: str
    value: str
    by: str | None
    horizon: int
    levels: tuple[int, ...]
    grain: Grain | None
    every: int
    kind: SeriesKind | None
    as_of: datetime | None
    events: tuple[OwnEvent, ...] = ()


@dataclass(slots=True)
class Timed:
    """A series with the seconds spent on it so far."""

    history: History
    seconds: float


def register(commands: Commands) -> None:
    """Add `bi-chat forecast` and its options to the parser."""
    about = "Forecast the series of a table, with ranges."
    made = commands.add_parser("forecast", help=about, description=about)
    made.set_defaults(command="forecast")
    made.add_argument("file", metavar="FILE", help="CSV or Parquet, one row for each time and series")
    made.add_argument("--time", required=True, metavar="COLUMN")
    made.add_argument("--value", required=True, metavar="COLUMN")
    made.add_argument("--by", metavar="COLUMN", help="tells the series apart")
    made.add_argument("--horizon", required=True, type=_steps, metavar="STEPS")
    made.add_argument("--freq", metavar="CODE", help="H, D, W, M, Q or Y, like 2H (default: found)")
    made.add_argument("--level", nargs="+", type=int, default=[80, 95], metavar="PERCENT", help="default: 80 95")
    fill = "sum: a missing time is 0, repeated times add up; level: unknown, their mean (default: unknown; refused)"
    made.add_argument("--kind", choices=("sum", "level"), help=fill)
    made.add_argument("--as-of", metavar="DATE", help="leave out the last period if it was not over then")
    own = "events of your own, past and to come (days and weeks): .ics, or a table of name, first day, last day"
    made.add_argument("--events", metavar="FILE", help=own)
    made.add_argument("--output", required=True, metavar="FILE", help=".parquet or .csv")


def _steps(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("should be 1 or more")
    return number


def run(options: Options) -> int:
    """Forecast every series of the file; 1 when none could be."""
    asked = _asked(cast(ForecastOptions, options))
    started = time.monotonic()
    good, refused = _histories(asked, _rows(asked))
    for refusal in refused[:_TOLD]:
        print(f"no forecast{_of(refusal.name)}: {told(refusal.note)}", file=sys.stderr)
    if not good:
        print("No series could be forecast.", file=sys.stderr)
        return NONE_MADE
    made = _forecasts(asked, good)
    _write(asked, made, [t.seconds for t in good])
    _summary(made, len(refused), time.monotonic() - started, asked.output)
    return 0


def told(note: Note) -> str:
    """A note's sentence; the packs of sentences are read only when there is something to say."""
    from bi_chat.narration.notes import say_note

    return say_note(note, "en")


def _of(name: str) -> str:
    return f" of {name}" if name else ""


def _asked(options: ForecastOptions) -> Asked:
    every, grain = _frequency(options.freq)
    levels = tuple(sorted(set(options.level)))
    if not all(1 <= level <= 99 for level in levels):
        raise SettingsError("--level takes whole percents from 1 to 99, like 80 95.")
    output = Path(options.output)
    if output.suffix.lower() not in (".parquet", ".csv"):
        raise SettingsError("--output should end in .parquet or .csv.")
    kind = SeriesKind(options.kind) if options.kind else None
    as_of = _moment(options.as_of) if options.as_of else None
    file = Path(options.file)
    events = read_events(Path(options.events)) if options.events else ()
    by, horizon = options.by, options.horizon
    return Asked(file, output, options.time, options.value, by, horizon, levels, grain, every, kind, as_of, events)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"--as-of takes a date like 2025-10-18, not {text}.") from error


def _frequency(text: str | None) -> tuple[int, Grain | None]:
    """A code like MS, D, 2H or month; without one the frequency is found."""
    if not text:
        return 1, None
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    name = text[len(digits) :]
    grain = Grain(name.lower()) if name.lower() in set(Grain) else GRAINS.get(name[:1].upper())
    if grain is None or name.lower() == "min" or name == "ms":
        raise SettingsError(
            f"--freq {text} is unknown. Known: H, D, W, M, Q, Y, with a number before it if needed (2H)."
        )
    return int(digits or 1), grain


def _rows(asked: Asked) -> pl.DataFrame:
    """The needed columns, with times as times."""
    import polars as pl

    if not asked.file.exists():
        raise SourceError(f"There is no file {asked.file}.")
    try:
        if asked.file.suffix.lower() in (".parquet", ".pq"):
            table = pl.read_parquet(asked.file)
        else:
            table = pl.read_csv(asked.file, try_parse_dates=True, infer_schema_length=10_000)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{asked.file} can't be read as a table: {str(error).splitlines()[0]}") from error
    wanted = list(dict.fromkeys([asked.at, asked.value, *([asked.by] if asked.by else [])]))
    for name in wanted:
        if name not in table.columns:
            raise SourceError(f"{asked.file} has no column {name}. It has: {', '.join(table.columns)}.")
    return _with_times(table.select(wanted), asked)


def _with_times(table: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    import polars as pl

    kind = table.schema[asked.at]
    if kind == pl.String:
        table = table.with_columns(pl.col(asked.at).str.to_datetime(strict=False))
    elif not kind.is_temporal():
        raise SourceError(f"The column {asked.at} holds no times but {kind}.")
    elif isinstance(kind, pl.Datetime):
        table = table.with_columns(pl.col(asked.at).dt.cast_time_unit("us"))
    if table.schema[asked.value] == pl.String:
        table = table.with_columns(pl.col(asked.value).cast(pl.Float64, strict=False).fill_null(float("inf")))
    elif not table.schema[asked.value].is_numeric():
        raise SourceError(f"The column {asked.value} holds no numbers but {table.schema[asked.value]}.")
    if table[asked.at].null_count() == len(table):
        raise SourceError(f"The column {asked.at} holds nothing that can be read as a time.")
    return table


def _histories(asked: Asked, table: pl.DataFrame) -> tuple[list[Timed], list[Refusal]]:
    good: list[Timed] = []
    refused: list[Refusal] = []
    for name, rows in _series(asked, table):
        begun = time.perf_counter()
        made = make_history(
            rows, kind=asked.kind, grain=asked.grain, every=asked.every, asked_on=asked.as_of, name=name
        )
        if isinstance(made, Refusal):
            refused.append(made)
        else:
            good.append(Timed(replace(made, events=asked.events), time.perf_counter() - begun))
    return good, refused


def _series(asked: Asked, table: pl.DataFrame) -> Iterable[tuple[str, Iterable[Row]]]:
    if asked.by is None:
        yield "", table.select(asked.at, asked.value).iter_rows()
        return
    for (name,), part in table.group_by(asked.by, maintain_order=True):
        yield str(name), part.select(asked.at, asked.value).iter_rows()


def _forecasts(asked: Asked, good: list[Timed]) -> list[Forecast]:
    """In the order of the series; those of one grain lend each other the size of their errors."""
    made: dict[int, Forecast] = {}
    by_grain: dict[Grain, list[int]] = defaultdict(list)
    for i, timed in enumerate(good):
        by_grain[timed.history.grain].append(i)
    progress = _Progress(len(good))
    for members in by_grain.values():
        clock = _Clock([good[i] for i in members], progress)
        histories = [good[i].history for i in members]
        for i, one in zip(
            members, forecast_many(histories, asked.horizon, levels=asked.levels, progress=clock.fitted), strict=True
        ):
            clock.finished()
            made[i] = one
    progress.end()
    return [made[i] for i in range(len(good))]


class _Clock:
    """Adds the time of each series' fit and of its ranges to its own seconds."""

    def __init__(self, series: list[Timed], progress: _Progress) -> None:
        self._series, self._progress, self._finished = series, progress, 0
        self._last = time.perf_counter()

    def fitted(self, done: int) -> None:
        self._add(done - 1)
        self._progress.step()

    def finished(self) -> None:
        self._add(self._finished)
        self._finished += 1

    def _add(self, index: int) -> None:
        now = time.perf_counter()
        self._series[index].seconds += now - self._last
        self._last = now


class _Progress:
    """A line on stderr that counts, for a person only."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._last, self._shown = total, 0, 0.0, sys.stderr.isatty()

    def step(self) -> None:
        self._done += 1
        if self._shown and time.monotonic() - self._last > _EVERY:
            self._last = time.monotonic()
            print(f"\r{self._done} of {self._total}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._shown:
            print("\r", end="", file=sys.stderr)


def _write(asked: Asked, made: list[Forecast], seconds: list[float]) -> None:
    """uid (or the --by column), ds, mean, a lower and an upper bound for each level, seconds of the series."""
    import polars as pl

    columns: dict[str, list[object]] = defaultdict(list)
    for one, spent in zip(made, seconds, strict=True):
        steps = len(one.times)
        columns[asked.by or "uid"] += [one.name] * steps
        columns["ds"] += list(one.times)
        columns["mean"] += list(one.mean)
        for band in one.bands:
            columns[f"lo{band.level}"] += list(band.lower)
            columns[f"hi{band.level}"] += list(band.upper)
        columns["seconds"] += [spent] * steps
    table = pl.DataFrame(columns)
    try:
        asked.output.parent.mkdir(parents=True, exist_ok=True)
        if asked.output.suffix.lower() == ".csv":
            table.write_csv(asked.output)
        else:
            table.write_parquet(asked.output)
    except OSError as error:
        raise SettingsError(f"{asked.output} can't be written: {error.strerror}.") from error


def _summary(made: list[Forecast], refused: int, seconds: float, output: Path) -> None:
    """How many, how good against a naive forecast, and what was done to how many histories."""
    print(f"{len(made)} series forecast, {refused} refused, {seconds:.1f} s: {output}", file=sys.stderr)
    tested = [f.backtest for f in made if f.backtest is not None and f.backtest.naive_error > 0]
    if tested:
        ratios = sorted(b.error / b.naive_error for b in tested)
        middle = ratios[len(ratios) // 2]
        print(f"Back-test: the median series is off by {middle:.0%} of what a naive forecast is off.", file=sys.stderr)
    if len(made) == 1:
        for note in made[0].notes:
            print(("warning: " if note.warning else "note: ") + told(note), file=sys.stderr)
        return
    counts = Counter((n.warning, n.code) for f in made for n in f.notes)
    for (warning, code), count in counts.most_common(_TOLD):
        kind = "warning" if warning else "note"
        print(f"{kind}: {code.replace('_', ' ')}, {count} times", file=sys.stderr)
