"""Out: what a piece of text means by itself, before anyone knows the data: amounts, periods, grains, operator words."""

from __future__ import annotations

from dataclasses import dataclass

from bi_chat.values.period import DatePart, Grain, PeriodExpr


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign: `text` as written, `norm` lower-cased and width-folded, its `stem`, and its character span."""

    text: str
    norm: str
    stem: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Amount:
    """A number: "300k" → 300000, 万 applied; "$1,000" has unit USD, "10%" is 10 with unit %,
    and "3 percentage points" 3 pp.

    `ordinal`: a place in an order ("90th", 第二).
    """

    value: float
    unit: str = ""
    ordinal: bool = False


@dataclass(frozen=True, slots=True)
class PeriodSaid:
    """A period in words. `specific` is False for bare words that may be no period at all ("may", a plain year number).

    `at_end`: the state on its last day is meant ("as of March 2024", "at the end of Q3", 截至三月底).
    """

    expr: PeriodExpr
    specific: bool = True
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class GrainSaid:
    """A time grain as a grouping: "monthly", "by month", 每月. `bare` when only the noun stood there ("month")."""

    grain: Grain
    fiscal: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class PartSaid:
    """A recurring part of a date as a grouping: "by weekday", "hour of the day", 星期."""

    part: DatePart
    bare: bool = False


@dataclass(frozen=True, slots=True)
class PartIs:
    """Only some values of a recurring part, as a filter: "on weekends" → days of the week 6 and 7, 周一 → 1."""

    part: DatePart
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: "7 day" in "7 day moving average", "8 weeks" in "8 weeks ahead"."""

    count: int
    grain: Grain


@dataclass(frozen=True, slots=True)
class Word:
    """An operator word: `tag` is one of the tags of `phrases.yaml`, `arg` narrows it (a chart type, a direction)."""

    tag: str
    arg: str = ""


Meaning = Amount | PeriodSaid | GrainSaid | PartSaid | PartIs | Duration | Word


@dataclass(frozen=True, slots=True)
class Match:
    """Tokens [start, end) mean `meaning`; `rule` names the rule that matched; `score` 0..1."""

    start: int
    end: int
    meaning: Meaning
    rule: str
    score: float = 1.0
