"""In: how a figure differs where texts mention something. Out: careful sentences; every number is one of the values."""

from __future__ import annotations

from functools import partial

from bi_chat.language.display import one_line, show_number
from bi_chat.narration.pack import say_from, spoken, word_from
from bi_chat.values.mentions import MentionEffect, MentionEffects

_say = partial(say_from, "mentions")
mention_word = partial(word_from, "mentions")
_LENGTH = 60


def mention_sentences(found: MentionEffects, language: str) -> tuple[str, ...]:
    """What goes with a higher or lower figure, the costliest first; what can't be told; what was compared."""
    told = [e for e in found.effects if e.surely]
    others = [e for e in found.effects if not e.surely]
    lines = [_one(found, e, language) for e in told]
    if not found.asked:
        measure = one_line(found.outcome.label or found.outcome.name, _LENGTH)
        count = {"count": str(len(told)), "of": str(len(found.effects))}
        lines = [_say("head" if told else "head_none", language, measure=measure, **count), *lines]
        lines += [_say("overlap", language)] if len(told) > 1 else []
    if found.asked and others:
        lines.append(_open(found, others[0], language))
    elif others:
        gap = "、" if spoken(language) == "zh" else ", "
        lines.append(_say("others", language, themes=gap.join(one_line(e.name, _LENGTH) for e in others)))
    fields = {"unit": one_line(found.unit, _LENGTH), "count": show_number(found.compared, language=language)}
    return (*lines, _say("compared" if found.unit else "compared_time", language, **fields))


def _one(found: MentionEffects, e: MentionEffect, language: str) -> str:
    assert e.ratio is not None and e.extra is not None
    higher = e.ratio.value >= 1
    return _say("higher" if higher else "lower", language, **_fields(found, e, language))


def _open(found: MentionEffects, e: MentionEffect, language: str) -> str:
    if e.ratio is None:
        return _say("too_little", language, name=one_line(e.name, _LENGTH), texts=str(e.texts))
    return _say("not_told", language, **_fields(found, e, language))


def _fields(found: MentionEffects, e: MentionEffect, language: str) -> dict[str, str]:
    assert e.ratio is not None and e.extra is not None
    extra = sorted(abs(v) for v in (e.extra.low, e.extra.high))
    return {
        "name": one_line(e.name, _LENGTH),
        "measure": one_line(found.outcome.label or found.outcome.name, _LENGTH),
        "base": one_line(found.base, _LENGTH),
        "ratio": _short(e.ratio.value, language),
        "low": _short(e.ratio.low, language),
        "high": _short(e.ratio.high, language),
        "cells": show_number(e.cells, language=language),
        "inside": _amount(e.inside, found, language),
        "extra": _amount(abs(e.extra.value), found, language),
        "least": _amount(extra[0], found, language),
        "most": _amount(extra[1], found, language),
    }


def _short(value: float, language: str) -> str:
    return show_number(value, language=language, decimals=1 if value >= 1 else 2)


def _amount(value: float, found: MentionEffects, language: str) -> str:
    rounded = float(f"{value:.3g}")
    whole = round(rounded) if rounded == round(rounded) else rounded
    return show_number(whole, language=language, format=found.outcome.format, unit=found.outcome.unit)
