"""In: a plan. Out: the plan as one sentence in the asker's language: what was understood, for the asker to check."""

from __future__ import annotations

from datetime import date

from bi_chat.language.display import show_number
from bi_chat.narration.conditions import condition_words, conditions_words
from bi_chat.narration.customers import segment_name, share_words
from bi_chat.narration.pack import spoken
from bi_chat.narration.periods import counted, grain_word, period_words
from bi_chat.narration.phrases import (
    Tongue,
    dataset_words,
    field_of,
    field_words,
    measure_words,
    readable,
    scalar_words,
)
from bi_chat.narration.scenario import changed
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.analyses import (
    Advise,
    Analysis,
    Anomalies,
    Concentration,
    Forecast,
    Influence,
    LookBack,
    Mentioned,
    Segments,
    Themes,
    WhatIf,
    Why,
    WhyApart,
)
from bi_chat.values.period import Earlier, Grain, PeriodExpr, resolve_earlier
from bi_chat.values.plan import (
    Calculation,
    Change,
    Exists,
    FieldRef,
    Fn,
    Measure,
    Order,
    Plan,
    Rank,
    Retained,
    Rolling,
    Running,
    Scalar,
    Share,
    TimeBucket,
)


def restate(plan: Plan, model: SemanticModel, language: str, asked_on: date) -> str:
    """The plan in words: "Revenue by region, Q1 2025 (1 Jan – 31 Mar 2025), largest first, top 5"."""
    t = Tongue(model, spoken(language), asked_on)
    parts = [_subject(plan, t), _window(plan, t)]
    parts += [condition_words(c, t) for c in plan.where if isinstance(c, Exists)]
    where = tuple(c for c in plan.where if not isinstance(c, Exists))
    if where:
        parts.append(t.say("where", conditions=conditions_words(where, t)))
    if plan.having:
        parts.append(t.say("only_groups", conditions=conditions_words(plan.having, t)))
    parts += [_calculation(c, plan, t) for c in plan.calculations]
    if plan.comparison is not None and not isinstance(plan.analysis, Why):
        parts.append(t.say("comparison", period=_baseline(plan.comparison.baseline, plan, t)))
        parts += [t.say(f"by_{plan.comparison.by_change}")] if plan.comparison.by_change else []
    parts += _ordering(plan, t)
    if plan.analysis is not None:
        parts.append(_analysis(plan.analysis, plan, t))
    parts += [t.say(c.op, plan=restate(c.plan, model, language, asked_on)) for c in plan.combined]
    if plan.chart and t.knows(f"chart.{plan.chart}"):
        parts.append(t.say("chart", chart=t.say(f"chart.{plan.chart}")))
    text = ("，" if t.language == "zh" else ", ").join(p for p in parts if p)
    return text[:1].upper() + text[1:]


def _subject(plan: Plan, t: Tongue) -> str:
    columns = [scalar_words(d.of, t) for d in plan.dimensions]
    if isinstance(plan.analysis, LookBack) and not plan.measures:
        return t.say("looked_back")
    if plan.pairs is not None:
        within = dataset_words(plan.pairs.within.dataset, t)
        return t.say("pairs", item=scalar_words(plan.pairs.item, t), within=within)
    if plan.measures:
        measures = t.listed([measure_words(m.of, t) for m in plan.measures])
        return t.say("by", measures=measures, dimensions=t.listed(columns)) if columns else measures
    named = dataset_words(plan.base, t) if plan.base else ""
    columns = [_own_column(d.of, plan.base, t) for d in plan.dimensions]
    if not columns:
        return t.say("rows_of", dataset=named)
    words = t.say("list", columns=t.listed(columns), dataset=named) if named else t.listed(columns)
    return t.say("distinct", of=words) if plan.distinct else words


def _own_column(of: Scalar, base: str | None, t: Tongue) -> str:
    """A list's columns need no dataset behind their names, where it is the list's own."""
    if isinstance(of, FieldRef) and base and of.dataset.lower() == base.lower() and not of.via:
        found = field_of(of, t)
        return found.label if found and found.label else readable(of.field)
    return scalar_words(of, t)


def _window(plan: Plan, t: Tongue) -> str:
    if plan.window is None:
        return ""
    words = period_words(plan.window.period, t.asked_on, t.language, t.model.calendar)
    if plan.window.field is None:
        return t.say("over", period=words)
    return t.say("over_field", field=field_words(plan.window.field, t), period=words)


# ------------------------------------------------------------------ order and limit
def _ordering(plan: Plan, t: Tongue) -> list[str]:
    parts = [restate_order(o, plan, t) for o in plan.order]
    if plan.limit is not None:
        words = t.say(_limit_key(plan), count=str(plan.limit))
        if plan.limit_per:
            per = [scalar_words(plan.dimensions[i].of, t) for i in plan.limit_per if i < len(plan.dimensions)]
            words = t.say("per_group", of=words, dimensions=t.listed(per))
        parts.append(words)
        if plan.ties:
            parts.append(t.say("with_ties"))
    if plan.offset:
        parts.append(t.say("skipping", count=str(plan.offset)))
    return parts


def _limit_key(plan: Plan) -> str:
    first = plan.order[0] if plan.order else None
    if first is None or not isinstance(first.by, Measure):
        return "first"
    return "top" if first.descending else "bottom"


def restate_order(order: Order, plan: Plan, t: Tongue) -> str:
    """How one order of a plan is said: "largest first"."""
    if isinstance(order.by, Measure):
        only = len(plan.measures) == 1 and plan.measures[0].of == order.by
        if only:
            return t.say("largest_first" if order.descending else "smallest_first")
        key = "measure_down" if order.descending else "measure_up"
        return t.say(key, of=measure_words(order.by, t))
    scalar = order.by
    if isinstance(scalar, TimeBucket) or _is_time(scalar, t):
        return t.say("latest_first" if order.descending else "earliest_first")
    return t.say("z_to_a" if order.descending else "a_to_z", of=scalar_words(scalar, t))


def _is_time(of: object, t: Tongue) -> bool:
    found = t.model.field(of.dataset, of.field) if isinstance(of, FieldRef) else None
    return found is not None and found.is_time


# ------------------------------------------------------------------ calculations and analyses
def _calculation(of: Calculation, plan: Plan, t: Tongue) -> str:
    words = _calculation_kind(of, plan, t)
    if len(plan.measures) > 1 and of.measure < len(plan.measures):
        return t.say("calc_of", calc=words, measure=measure_words(plan.measures[of.measure].of, t))
    return words


def _calculation_kind(of: Calculation, plan: Plan, t: Tongue) -> str:
    match of:
        case Share(_, within):
            named = [scalar_words(plan.dimensions[i].of, t) for i in within if i < len(plan.dimensions)]
            return t.say("share_within", dimensions=t.listed(named)) if named else t.say("share")
        case Change():
            return _change(of, plan, t)
        case Running():
            return t.say("running")
        case Rolling(_, size, function):
            key = {Fn.AVG: "rolling.avg", Fn.SUM: "rolling.sum"}.get(function, "rolling.other")
            return t.say(key, counted=counted(size, _grain(plan), t.language))
        case Rank():
            return t.say("rank")
        case Retained():
            return t.say("retained")


def _change(of: Change, plan: Plan, t: Tongue) -> str:
    grain = of.grain or _grain(plan)
    if of.periods == 1 and grain == _grain(plan):
        word = grain_word(grain, t.language) if grain else t.say("grain.period")
        before = t.say("before_one", grain=word)
    else:
        before = t.say("before_many", counted=counted(of.periods, grain, t.language))
    return t.say("change_relative" if of.relative else "change", before=before)


def _grain(plan: Plan) -> Grain | None:
    """The grain of the plan's time dimension."""
    return next((d.of.grain for d in plan.dimensions if isinstance(d.of, TimeBucket)), None)


def _analysis(of: Analysis, plan: Plan, t: Tongue) -> str:
    match of:
        case Forecast(grain, horizon):
            names = [measure_words(m, t) for m in of.beside] + ([dataset_words(of.events, t)] if of.events else [])
            return t.say(
                "forecast", counted=counted(horizon, grain, t.language), beside=t.listed(names) if names else ""
            )
        case Segments(people):
            listed = segment_name(of.listed, t.language) if of.listed else ""
            return t.say("segments", people=dataset_words(people, t), listed=listed)
        case Concentration(holders, held):
            parts = (share_words(p, t.language) for p in (holders, held))
            return t.say("concentration", **dict(zip(("holders", "held"), parts, strict=True)))
        case Mentioned(dataset, text, word):
            field = field_words(FieldRef(dataset, text), t)
            return t.say("mentioned", of=field, word=word) if word else t.say("blamed", of=field)
        case LookBack():
            return t.say("look_back") if plan.measures else ""
        case Why(baseline, depth):
            deeper = t.say("deeper") if depth else ""
            return t.say("why", period=_baseline(baseline, plan, t), deeper=deeper)
        case WhyApart(of_field, one, other, depth):
            deeper = t.say("deeper") if depth else ""
            return t.say("why_apart", field=field_words(of_field, t), one=one, other=other, deeper=deeper)
        case Advise(about):
            return t.say("advise_spend" if about == "spend" else "advise")
        case WhatIf() | Influence():
            return _supposed(of, t)
        case Themes(dataset, text, side):
            return t.say(f"themes.{side or 'any'}", of=field_words(FieldRef(dataset, text), t))
        case Anomalies(grain):
            return t.say("anomalies", grain=grain_word(grain, t.language))


def _supposed(of: WhatIf | Influence, t: Tongue) -> str:
    """ "if Price were 5 % higher"."""
    lever = measure_words(of.lever, t)
    scope = conditions_words(of.where, t) if of.where else ""
    if isinstance(of, Influence):
        return t.say("influence", lever=lever, scope=scope)
    if of.moved is not None:
        share = show_number(1 - of.factor, language=t.language, format="percent")
        return t.say("what_if_moved", lever=lever, share=share, source=of.moved[1], target=of.moved[2], scope=scope)
    if of.level is not None:
        return t.say("what_if", lever=lever, change=show_number(of.level, language=t.language), scope=scope)
    if of.amount:
        amount = show_number(of.amount, language=t.language, signed=True)
        return t.say("what_if", lever=lever, change=amount, scope=scope)
    change = changed(of.factor - 1, t.language)
    return t.say("what_if", lever=lever, change=change, scope=scope)


def _baseline(expr: PeriodExpr, plan: Plan, t: Tongue) -> str:
    """A comparison's period; "the period before" gets its dates from the plan's own window."""
    if isinstance(expr, Earlier) and plan.window is not None:
        expr = resolve_earlier(expr, plan.window.period)
    return period_words(expr, t.asked_on, t.language, t.model.calendar)
