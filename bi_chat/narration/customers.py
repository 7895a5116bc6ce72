"""In: segments of people, or how a figure is spread over many. Out: sentences; each number in them is one of theirs."""

from __future__ import annotations

from collections import Counter
from functools import partial
from statistics import median

from bi_chat.analysis.customers import SEGMENTS, classes, gini, held_by, needed_for
from bi_chat.language.display import one_line, show_cell, show_date, show_number
from bi_chat.narration.pack import say_from, spoken, word_from
from bi_chat.values.customers import Concentrated, Segmented

_say = partial(say_from, "customers")
customer_word = partial(word_from, "customers")
segment_name = partial(word_from, "customers", group="segments")
_SLIPPING = ("big_slipping", "slipping")


def segment_sentences(found: Segmented, listed: str, language: str) -> tuple[str, ...]:
    """Who brings most, who is slipping away, who came once; of a listed segment how many they are."""
    who, through = one_line(found.who, 60), show_date(found.through, "", language)
    fields = {"who": who, "through": through, "count": _count(len(found.people), language)}
    if listed:
        said = segment_name(listed, language)
        key = "listed" if found.of(listed) else "listed_none"
        return (_say(key, language, **fields | _part(found, (listed,), language), name=said),)
    told = []
    for key, names in (
        ("champions", ("champions",)),
        ("slipping", _SLIPPING),
        ("asleep", ("asleep",)),
        ("new", ("new",)),
    ):
        if any(found.of(n) for n in names):
            told.append(_say(key, language, **(fields | _part(found, names, language))))
    if found.unknown:
        told.append(_say("unknown", language, who=who, amount=show_cell(found.unknown, found.outcome, language)))
    return tuple(told)


def segment_meanings(found: Segmented, listed: str, language: str) -> tuple[str, ...]:
    """What each name that is shown stands for."""
    names = [listed] if listed else [n for n in SEGMENTS if found.of(n)]
    gap = "：" if spoken(language) == "zh" else ": "
    return tuple(f"{segment_name(n, language)}{gap}{customer_word(n, language, group='meanings')}" for n in names)


def _measure(found: Segmented | Concentrated) -> str:
    return one_line(found.outcome.label or found.outcome.name, 60)


def _part(found: Segmented, names: tuple[str, ...], language: str) -> dict[str, str]:
    people = [p.person for n in names for p in found.of(n)]
    amount = sum(p.amount for p in people)
    share = amount / found.total if found.total > 0 else 0.0
    return {
        "some": _count(len(people), language),
        "part": share_words(len(people) / len(found.people), language),
        "amount": show_cell(amount, found.outcome, language),
        "share": share_words(share, language) if found.total > 0 else "",
        "measure": _measure(found),
        "days": _count(round(median((found.through - p.last).days for p in people)), language) if people else "",
    }


def concentration_sentences(found: Concentrated, language: str) -> tuple[str, ...]:
    """What the largest part hold, how many it takes, whether 80/20 holds, the largest one, how even it is."""
    holders, held = found.wanted
    count, needed = len(found.holders), needed_for(found.holders, held)
    fields = {
        "who": one_line(found.who, 60),
        "measure": _measure(found),
        "holders": share_words(holders, language),
        "some": show_number(
            holders * count,
            language=language,
            decimals=0 if holders * count >= 10 or holders * count == round(holders * count) else 1,
        ),
        "count": _count(count, language),
        "hold": share_words(held_by(found.holders, holders), language),
        "held": share_words(held, language),
        "needed": _count(needed, language),
        "needed_part": share_words(needed / count, language),
    }
    told = [_say("hold", language, **fields), _say("needed", language, **fields)]
    first, ten = found.holders[0], found.holders[: min(10, count - 1)]
    biggest = {"name": one_line(first.name, 60), "share": share_words(first.amount / found.total, language)}
    if len(ten) == 10:
        biggest["ten"] = share_words(sum(h.amount for h in ten) / found.total, language)
    told.append(_say("largest", language, **biggest))
    letters = Counter(classes(found.holders))
    told.append(_say("classes", language, **{k.lower(): _count(letters[k], language) for k in "ABC"}))
    even = gini(found.holders)
    if even is not None:
        told.append(_say("gini", language, gini=show_number(even, language=language, decimals=2)))
    if found.unknown:
        amount = show_cell(found.unknown, found.outcome, language)
        told.append(_say("unknown", language, who=fields["who"], amount=amount))
    return tuple(told)


def _count(value: int, language: str) -> str:
    return show_number(value, language=language)


def share_words(value: float, language: str) -> str:
    """A part in percent, whole ones without decimals."""
    whole = abs(value * 100 - round(value * 100)) < 1e-9
    return show_number(value, language=language, format="percent", decimals=0 if whole else None)
