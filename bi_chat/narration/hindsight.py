"""In: what came of earlier forecasts. Out: sentences about it; every number in them is one of the values."""

from __future__ import annotations

from functools import partial

from bi_chat.language.display import one_line, show_cell, show_date, show_number
from bi_chat.narration.forecast import forecast_word
from bi_chat.narration.pack import say_from, word_from
from bi_chat.values.analyses import Forecast
from bi_chat.values.foretold import Hindsight, LookedBack, Outcome

FEW = 10
MOST = 4
_say = partial(say_from, "hindsight")
hindsight_word = partial(word_from, "hindsight")


def hindsight_sentences(found: LookedBack, names: tuple[str, ...], language: str) -> tuple[str, ...]:
    """How far off each series' forecasts were, against repeating a value; whether the ranges held; the largest miss."""
    told = []
    for one, name in list(zip(found.checked, names, strict=True))[:MOST]:
        told += _of_one(one, one_line(name, 80), language)
    if len(found.checked) > MOST:
        told.append(_say("more", language, count=str(len(found.checked) - MOST)))
    if found.waiting and found.next_at is not None:
        at = show_date(found.next_at.date(), "", language)
        told.append(_say("waiting" if told else "only_waiting", language, count=str(found.waiting), at=at))
    if found.lost:
        told.append(_say("lost", language, count=str(found.lost)))
    return tuple(told) or (hindsight_word("none_of_it", language),)


def _of_one(found: Hindsight, name: str, language: str) -> list[str]:
    count = len(found.outcomes)
    if found.error is None:
        return [_say("of_nothing", language, name=name, count=str(count))]
    naive = forecast_word("seasonal_naive" if found.season else "naive", language)
    fields = {"name": name, "count": str(count), "error": _percent(found.error, language), "naive": naive}
    if found.naive_error is not None:
        fields["naive_error"] = _percent(found.naive_error, language)
    told = [_say("were_off", language, **fields)]
    if found.naive_error is not None and found.error >= found.naive_error:
        told.append(_say("no_better", language, naive=naive))
    held = {"held80": str(found.held(80)), "held95": str(found.held(95)), "count": str(count)}
    told.append(_say("ranges_few" if count < FEW else "ranges", language, **held))
    worst = max(found.outcomes, key=lambda o: abs(o.expected - o.actual))
    return [*told, _say("miss", language, **_miss(found, worst, language))] if count > 1 else told


def _miss(found: Hindsight, worst: Outcome, language: str) -> dict[str, str]:
    grain = found.plan.analysis.grain.value if isinstance(found.plan.analysis, Forecast) else ""
    return {
        "at": show_date(worst.at.date(), grain, language),
        "group": one_line(worst.group, 60),
        "expected": show_cell(worst.expected, found.column, language),
        "actual": show_cell(worst.actual, found.column, language),
        "made": show_date(worst.made_at.date(), "", language),
    }


def _percent(value: float, language: str) -> str:
    return f"{show_number(value * 100, language=language, decimals=1)}%"
