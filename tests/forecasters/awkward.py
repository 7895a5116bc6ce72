"""Awkward series as data: a title, the rows, how to read them, and what a careful product does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bi_chat.values.forecast import SeriesKind

START = datetime(2022, 1, 3)


@dataclass(frozen=True)
class Awkward:
    """`notes` and `refused` are codes; `between` holds all means; `nonnegative` and `top` hold all bounds as well."""

    title: str
    rows: list[tuple[object, object]]
    kind: SeriesKind | None = None
    notes: tuple[str, ...] = ()
    refused: str = ""
    method: str = "combination"
    between: tuple[float, float] = (-math.inf, math.inf)
    nonnegative: bool = False
    top: float = math.inf
    asked_on: datetime | None = None


def days(values: list[object], start: datetime = START) -> list[tuple[object, object]]:
    return [(start + timedelta(days=i), v) for i, v in enumerate(values)]


def months(values: list[float], year: int = 2018) -> list[tuple[object, object]]:
    return [(datetime(year + i // 12, i % 12 + 1, 1), v) for i, v in enumerate(values)]


def weekly(count: int, *, level: float = 100, noise: float = 3) -> list[object]:
    """A weekday pattern with a fixed, irregular wobble."""
    week = (0, 5, 8, 6, 10, 30, 20)
    return [level + week[i % 7] + noise * math.sin(i * i * 0.7) for i in range(count)]


def yearly(count: int) -> list[float]:
    return [200 + i + 40 * math.sin(i * math.pi / 6) + 4 * math.sin(i * i * 1.3) for i in range(count)]


def _changed(values: list[object], changes: dict[int, object]) -> list[object]:
    return [changes.get(i, v) for i, v in enumerate(values)]


def _summer_time() -> list[tuple[object, object]]:
    first = datetime(2024, 3, 20, tzinfo=UTC)
    zone = ZoneInfo("Europe/Berlin")
    return [
        ((first + timedelta(hours=i)).astimezone(zone), 50 + 10 * math.sin(i * math.pi / 12)) for i in range(24 * 20)
    ]


SUM, LEVEL = SeriesKind.SUM, SeriesKind.LEVEL
week_without = [row for i, row in enumerate(days(weekly(200))) if i not in (50, 51, 120)]
prices = [row for row in days(weekly(300)) if row[0].isoweekday() < 6]

AWKWARD = [
    Awkward("nothing", [], refused="too_few_values"),
    Awkward("one value", days([5.0]), refused="too_few_values"),
    Awkward("two values", days([5.0, 6.0]), refused="too_few_values"),
    Awkward("three values", days([10.0, 12.0, 11.0]), method="short", notes=("short_history",), between=(8, 14)),
    Awkward(
        "seven rising values",
        months([10, 11, 12, 13, 14, 15, 16]),
        method="short",
        notes=("short_history",),
        between=(13, 20),
    ),
    Awkward("always the same", days([7.5] * 60), method="constant", notes=("constant_history",), between=(7.5, 7.5)),
    Awkward("always zero", days([0.0] * 60), method="constant", notes=("constant_history",), between=(0, 0)),
    Awkward("eight values", months([10, 12, 9, 11, 10, 13, 12, 11]), between=(8, 15)),
    Awkward(
        "mostly zero",
        days([0, 0, 0, 4, 0, 0, 1, 0, 0, 0, 0, 2] * 12),
        method="intermittent",
        notes=("mostly_zero",),
        between=(0.2, 1.2),
        nonnegative=True,
    ),
    Awkward("missing days of a sum", week_without, kind=SUM, notes=("missing_as_zero",), between=(80, 150)),
    Awkward("missing days of a level", week_without, kind=LEVEL, notes=("missing_unknown",), between=(90, 140)),
    Awkward("business days only", prices, notes=(), between=(90, 140)),
    Awkward(
        "repeated days of a sum",
        [*days(weekly(100)), *days(weekly(100))],
        kind=SUM,
        notes=("repeated_times",),
        between=(170, 290),
    ),
    Awkward("repeated days, meaning unknown", [*days(weekly(100)), (START, 3.0)], refused="repeated_times"),
    Awkward("out of order", list(reversed(days(weekly(150)))), notes=("sorted",), between=(90, 140)),
    Awkward("hours across the start of summer time", _summer_time(), notes=("zones_unified",), between=(38, 62)),
    Awkward(
        "last month not over",
        months([*yearly(60), 30.0]),
        asked_on=datetime(2023, 1, 9),
        notes=("incomplete_period_left_out",),
        between=(190, 330),
    ),
    Awkward("negative values", days([v - 110 for v in weekly(150)]), between=(-25, 35)),
    Awkward(
        "near zero but never below",
        days([max(0.0, 3 + 3 * math.sin(i * i * 0.9)) for i in range(120)]),
        nonnegative=True,
        between=(0, 6),
    ),
    Awkward(
        "a share",
        days([min(1.0, 0.97 + 0.03 * math.sin(i * i * 0.9)) for i in range(120)]),
        nonnegative=True,
        top=1.0,
        between=(0.9, 1),
    ),
    Awkward(
        "one value a thousand times too high",
        days(_changed(weekly(200), {150: 100_000.0})),
        notes=("spike_replaced",),
        between=(90, 145),
    ),
    Awkward("a level shift", days([*weekly(150), *weekly(60, level=400)]), notes=("level_shift",), between=(380, 445)),
    Awkward(
        "irregular times",
        [(START + timedelta(days=i, hours=(i * 7) % 23, minutes=i % 60), v) for i, v in enumerate(weekly(150))],
        notes=("irregular_times",),
        between=(90, 145),
    ),
    Awkward(
        "infinities and text",
        days(_changed(weekly(150), {3: math.inf, 20: "n/a", 30: -math.inf})),
        notes=("not_a_number", "missing_unknown"),
        between=(90, 145),
    ),
    Awkward(
        "more unknown than known",
        [(START + timedelta(days=d), 5.0 + d % 3) for d in (0, 1, 2, 3, 4, 40)],
        refused="mostly_unknown",
    ),
    Awkward(
        "zeros before the start",
        days([0.0] * 40 + weekly(100)),
        kind=SUM,
        notes=("leading_zeros_left_out",),
        between=(90, 145),
    ),
    Awkward("no times", [(None, 1.0), ("x", 2.0)], refused="too_few_values"),
]
