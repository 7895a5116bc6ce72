"""In: `Advice`. Out: sentences, one for each finding; every number in them is one of its values."""

from __future__ import annotations

from functools import partial

from bi_chat.language.display import one_line, show_number
from bi_chat.narration.pack import say_from, spoken, word_from
from bi_chat.narration.periods import span_words
from bi_chat.narration.scenario import changed
from bi_chat.values.advice import Advice, Finding
from bi_chat.values.query import ResultColumn

MOST = 6
_LENGTH = 60
_SHORT_FROM = 100_000
_say = partial(say_from, "advice")
advice_word = partial(word_from, "advice")


def advice_sentences(found: Advice, language: str) -> tuple[str, ...]:
    """How many findings, each with its effect and range, what told nothing, and what can't be known."""
    measure = one_line(found.outcome.label or found.outcome.name, _LENGTH)
    shown = found.findings[:MOST]
    count = advice_word("one" if len(shown) == 1 else "many", language, count=str(len(shown)))
    told = [_say("some" if shown else "none", language, measure=measure, count=count)]
    told += [_finding(f, at, found.outcome, language) for at, f in enumerate(shown, 1)]
    if found.silent:
        gap = "、" if spoken(language) == "zh" else ", "
        levers = gap.join(dict.fromkeys(one_line(r.lever, _LENGTH) for r in found.silent))
        told.append(_say("silent", language, levers=levers))
    if any(f.kind == "price" for f in shown):
        told.append(_say("margin", language))
    return (*told, _say("limits", language))


def finding_name(found: Finding, language: str) -> str:
    """A finding in a few words, for a table or a chart."""
    value = f" {found.value}" if found.value else ""
    change = f" {changed(found.change, language)}" if found.change else ""
    return one_line(f"{found.what}{value}{change}", _LENGTH)


def _finding(found: Finding, at: int, column: ResultColumn, language: str) -> str:
    fields = {
        "number": str(at),
        "what": one_line(found.what, _LENGTH),
        "value": one_line(found.value, _LENGTH),
        "measure": one_line(column.label or column.name, _LENGTH),
        "change": changed(found.change, language),
        "share": show_number(abs(found.change), language=language, format="percent"),
        "window": span_words(found.window, spoken(language)),
        "cost": _cost(found, language),
        "worth": _worth(found, column, language),
        "size": _number(abs(found.effect.value), column, language),
        "least": _number(min(abs(found.effect.low), abs(found.effect.high)), column, language),
        "most": _number(max(abs(found.effect.low), abs(found.effect.high)), column, language),
        "effect": _number(found.effect.value, column, language, signed=True),
        "low": _number(found.effect.low, column, language, signed=True),
        "high": _number(found.effect.high, column, language, signed=True),
    }
    return _say(found.kind, language, **fields)


def _cost(found: Finding, language: str) -> str:
    form, unit = found.paid_in
    value = float(f"{found.cost:.3g}") if found.cost is not None else 0.0
    return show_number(round(value), language=language, format=form, unit=unit, short=value >= _SHORT_FROM)


def _worth(found: Finding, column: ResultColumn, language: str) -> str:
    """Whether what is spent comes back, where both are the same money."""
    if found.cost is None or column.unit != found.paid_in[1] or column.format != found.paid_in[0]:
        return ""
    if found.effect.value < found.cost:
        return advice_word("loss", language)
    return advice_word("unsure", language) if found.effect.low < found.cost else ""


def _number(value: float, column: ResultColumn, language: str, *, signed: bool = False) -> str:
    rounded = float(f"{value:.3g}")
    whole = round(rounded) if rounded == round(rounded) else rounded
    short = abs(value) >= _SHORT_FROM
    return show_number(whole, language=language, format=column.format, unit=column.unit, short=short, signed=signed)
