"""In: numbers or dates along an axis. Out: the few ticks worth a label, and the labels in the asker's language."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from datetime import date

from bi_chat.language.display import MONTHS, one_line, show_number, width
from bi_chat.values.query import ResultColumn

MOST_TIME_TICKS = 7


def safe(text: str) -> str:
    """Text for the drawing library, which reads some tags: the data's own signs stay signs."""
    return html.escape(one_line(text, 200), quote=False)


def shortened(text: str, columns: int) -> str:
    """A label cut to so many columns (wide signs count twice), made safe."""
    clean = one_line(text, 200)
    if width(clean) <= columns:
        return html.escape(clean, quote=False)
    kept = ""
    for sign in clean:
        if width(kept + sign) > columns - 1:
            break
        kept += sign
    return html.escape(kept.rstrip(), quote=False) + "…"


def nice_ticks(low: float, high: float, *, count: int = 4, whole: bool = False) -> list[float]:
    """Round numbers that cover low to high, in steps of 1, 2, 2.5 or 5 times a power of ten."""
    if not high > low:
        high = low + (abs(low) or 1)
    raw = (high - low) / count
    power = 10 ** math.floor(math.log10(raw))
    step = next((f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw * 0.999), 10 * power)
    step = max(1.0, float(math.ceil(step))) if whole else step
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def value_ticks(
    values: Sequence[float], column: ResultColumn, language: str, *, from_zero: bool
) -> tuple[list[float], list[str]]:
    """Ticks of a value axis. Lines may leave zero out only where all values lie close together, far from it."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    spread = high - low
    if from_zero or low < 0 or spread > 0.25 * abs(high) or low < 0.3 * high:
        low, high = min(0.0, low), max(0.0, high)
    whole = all(v == int(v) for v in values) and high - low >= 4 and column.format != "percent"
    ticks = nice_ticks(low, high, whole=whole or (column.format == "integer" and high - low >= 1))
    return ticks, axis_labels(ticks, column, language)


def axis_labels(ticks: Sequence[float], column: ResultColumn, language: str) -> list[str]:
    """Short numbers; words such as "days" are left to the title."""
    unit = column.unit if (len(column.unit) == 3 and column.unit.isupper()) or column.unit == "%" else ""
    if column.format == "percent":
        step = abs(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
        decimals = max(0, -math.floor(math.log10(step * 100) + 1e-9)) if step < 0.01 else 0
        return [show_number(t, language=language, format="percent", decimals=decimals) for t in ticks]
    return [show_number(round(t, 10), language=language, unit=unit, short=True) for t in ticks]


def time_ticks(days: Sequence[date], grain: str, language: str) -> tuple[list[int], list[str]]:
    """Positions and labels along time: at most eight, the year said once where it changes."""
    step = _step(len(days), grain)
    start = _start(days, grain, step)
    positions = list(range(start, len(days), step))
    labels, year = [], 0
    for at in positions:
        day = days[at]
        labels.append(_time_label(day, grain, language, with_year=day.year != year))
        year = day.year
    return positions, labels


def _step(count: int, grain: str) -> int:
    steps = {"month": (1, 2, 3, 6, 12, 24, 60), "quarter": (1, 2, 4, 8, 20), "week": (1, 2, 4, 8, 13, 26, 52)}
    usual = steps.get(grain, (1, 2, 5, 7, 10, 14, 28, 50, 100, 200, 500, 1000))
    return next((s for s in usual if math.ceil(count / s) <= MOST_TIME_TICKS), math.ceil(count / MOST_TIME_TICKS))


def _start(days: Sequence[date], grain: str, step: int) -> int:
    """Steps of whole quarters or years begin at a January, so that labels read 2023, 2024 …"""
    if grain in ("month", "quarter") and step > 1:
        return next((i for i, d in enumerate(days[:step]) if d.month == 1), 0)
    return 0


def _time_label(day: date, grain: str, language: str, *, with_year: bool) -> str:
    chinese = language == "zh"
    if grain == "year":
        return str(day.year)
    year = (f"<br>{day.year}年" if chinese else f"<br>{day.year}") if with_year else ""
    if grain == "quarter" and (day.month - 1) % 3 == 0:
        return f"Q{(day.month + 2) // 3}{year}"
    if grain in ("month", "quarter"):
        return (f"{day.month}月" if chinese else MONTHS[day.month - 1]) + year
    text = f"{day.month}月{day.day}日" if chinese else f"{day.day} {MONTHS[day.month - 1]}"
    return f"{text}{f' {day:%H:%M}' if grain == 'hour' else ''}{year}"
