"""In: an answer begun, and a plan that asks how near earlier forecasts came. Out: the answer, with each value checked.

Only what the asker was given under the same rights is looked at, and what came is asked for anew, as any question is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bi_chat.conversation.foretelling import Past, past_of
from bi_chat.conversation.running import Tools
from bi_chat.errors import StoreError
from bi_chat.narration.hindsight import hindsight_sentences, hindsight_word
from bi_chat.narration.restate import restate
from bi_chat.values.analyses import Forecast
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.chart import Chart
from bi_chat.values.fact import Fact
from bi_chat.values.forecast import History
from bi_chat.values.foretold import Hindsight, KeptForecast, KeptSeries, LookedBack, Outcome
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.plan import In, Plan, TimeBucket
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

MOST_PLANS = 20


def look_back(part: AnswerValue, plan: Plan, tools: Tools) -> AnswerValue:
    """Each value that was foretold and has come, beside what came and what a naive forecast would have said."""
    language = part.question.language
    try:
        kept = tools.foretold() if tools.foretold is not None else None
    except StoreError as error:
        return replace(part, issues=(Issue(IssueCode.UNSUPPORTED, str(error)),))
    if not kept:
        said = hindsight_word("nowhere" if kept is None else "none", language)
        return replace(part, status="answered", narrative=Narrative(said))
    found, first = _compared([wanted for k in kept if (wanted := _asked_for(k, plan)) is not None], part, tools)
    names = tuple(_name(h.plan, part, tools) for h in found.checked)
    headline, *rest = hindsight_sentences(found, names, language)
    drawn = _table(found.checked[0], names[0], language) if found.checked else None
    return replace(
        part,
        status="answered",
        sql=first.sql if first is not None else "",
        result=replace(drawn[0], as_of=first.rows.as_of) if drawn and first is not None else None,
        chart=drawn[1] if drawn else None,
        facts=tuple(_fact(h, n) for h, n in zip(found.checked, names, strict=True)),
        narrative=Narrative(headline, tuple(rest)),
    )


def _asked_for(kept: KeptForecast, plan: Plan) -> KeptForecast | None:
    """The forecast, or those of its groups that are asked about; None where it is of something else."""
    if not {m.of for m in plan.measures} <= {m.of for m in kept.plan.measures}:
        return None
    groups = [d.of for d in kept.plan.dimensions if not isinstance(d.of, TimeBucket)]
    for condition in plan.where:
        if condition in kept.plan.where:
            continue
        if not isinstance(condition, In) or condition.negated or groups != [condition.of]:
            return None
        kept = replace(kept, series=tuple(s for s in kept.series if s.name in map(str, condition.values)))
    return kept if kept.series else None


def _name(plan: Plan, part: AnswerValue, tools: Tools) -> str:
    plain = replace(plan, analysis=None, order=(), chart=None)
    return restate(plain, tools.model, part.question.language, part.question.asked_on)


# ------------------------------------------------------------------ what came
def _compared(kept: list[KeptForecast], part: AnswerValue, tools: Tools) -> tuple[LookedBack, Past | None]:
    """The forecasts of one series together; `Past` is that of the first."""
    series: dict[Plan, list[KeptForecast]] = {}
    for one in kept:
        if isinstance(one.plan.analysis, Forecast):
            series.setdefault(replace(one.plan, analysis=Forecast(one.plan.analysis.grain, 1)), []).append(one)
    made: list[tuple[Hindsight, Past]] = []
    waiting: list[datetime] = []
    lost = 0
    for plan, forecasts in list(series.items())[:MOST_PLANS]:
        assert isinstance(plan.analysis, Forecast)
        past = past_of(plan, plan.analysis, part.question, tools)
        if isinstance(past, Issue):
            lost += len(forecasts)
            continue
        found, ahead = _of_series(forecasts, past)
        waiting += ahead
        if found:
            season = all(o.naive is not None for o, _ in found) and all(s for _, s in found)
            outcomes = tuple(sorted((o for o, _ in found), key=lambda o: (o.group, o.at, o.made_at)))
            made.append((Hindsight(plan, past.rows.role("measure")[0], outcomes, season), past))
    made.sort(key=lambda m: (len({o.group for o in m[0].outcomes}) > 1, -len(m[0].outcomes)))  # what can be drawn
    looked = LookedBack(tuple(h for h, _ in made), len(waiting), min(waiting, default=None), lost)
    return looked, made[0][1] if made else None


def _of_series(kept: list[KeptForecast], past: Past) -> tuple[list[tuple[Outcome, bool]], list[datetime]]:
    """What came of each value, with whether a season could be repeated; and the first times of what is to come."""
    histories = {name: h for name, h in past.histories if isinstance(h, History)}
    found: list[tuple[Outcome, bool]] = []
    waiting = []
    for forecast in kept:
        come = [o for s in forecast.series if s.name in histories for o in _of_group(forecast, s, histories[s.name])]
        found += come
        if not come:
            waiting += [min(s.times[0] for s in forecast.series)]
    return found, waiting


def _of_group(kept: KeptForecast, series: KeptSeries, history: History) -> list[tuple[Outcome, bool]]:
    at = {when: i for i, when in enumerate(history.times)}
    start = at.get(series.times[0])
    if start is None or not start:
        return []
    length = history.season[0] if history.season and history.season[0] <= start else 0
    found = []
    for step, when in enumerate(series.times):
        actual = history.values[at[when]] if when in at else None
        if actual is not None:
            naive = history.values[start - length + step % length if length else start - 1]
            bounds = tuple(b[step] for b in series.bounds)
            expected = series.mean[step]
            found.append((Outcome(series.name, when, kept.made_at, expected, bounds, actual, naive), bool(length)))
    return found


# ------------------------------------------------------------------ what is shown
def _fact(found: Hindsight, name: str) -> Fact:
    values: tuple[tuple[str, Cell], ...] = (
        ("forecast", name),
        ("values", len(found.outcomes)),
        ("error", found.error),
        ("naive_error", found.naive_error),
        ("inside_80", found.held(80)),
        ("inside_95", found.held(95)),
    )
    return Fact("hindsight", values)


def _table(found: Hindsight, name: str, language: str) -> tuple[Result, Chart | None]:
    """For each time the last forecast of it, its range and what came; drawn where there is one series."""
    import polars as pl

    last = {(o.group, o.at): o for o in found.outcomes}
    groups = len({group for group, _ in last}) > 1
    words = [hindsight_word(w, language) for w in ("actual", "forecast", "low", "high", "gap")]
    plain = replace(found.column, role="measure", additive=False)
    columns = (
        ResultColumn(hindsight_word("time", language), "time", hindsight_word("time", language), grain=_grain(found)),
        *([ResultColumn("group", "dimension", "group", additive=False)] if groups else []),
        *(replace(plain, name=w, label=w, role="rolling" if i > 1 else "measure") for i, w in enumerate(words[:4])),
        ResultColumn(words[4], "change", words[4], format="percent", additive=False),
    )
    rows: list[tuple[Cell, ...]] = []
    for (group, when), o in last.items():
        off = o.expected / o.actual - 1 if o.actual else None
        rows.append((when.date(), *([group] if groups else []), o.actual, o.expected, *o.bounds[:2], off))
    frame = pl.DataFrame({c.name: [r[i] for r in rows] for i, c in enumerate(columns)}, strict=False)
    chart = Chart(
        "line", columns[0].name, (words[0], words[1]), title=name, band=(words[2], words[3]), reason="hindsight"
    )
    return Result(frame, columns), None if groups else chart


def _grain(found: Hindsight) -> str:
    assert isinstance(found.plan.analysis, Forecast)
    return found.plan.analysis.grain.value
