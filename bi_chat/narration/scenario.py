"""In: `Scenario`s and `Relation`s. Out: careful sentences; every number in them is one of the values."""

from __future__ import annotations

from functools import partial

from bi_chat.language.display import one_line, show_cell, show_date, show_number
from bi_chat.narration.pack import say_from, spoken, word_from
from bi_chat.narration.periods import counted, grain_word
from bi_chat.values.period import Grain
from bi_chat.values.query import ResultColumn
from bi_chat.values.scenario import GroupOutcome, Range, Relation, Scenario

_LENGTH = 60
_SHORT_FROM = 100_000
_FEW, _LARGEST = 5, 3
_say = partial(say_from, "scenario")
scenario_word = partial(word_from, "scenario")


def scenario_sentences(found: Scenario, language: str) -> tuple[str, ...]:
    """What would have been, the plain arithmetic beside it, what it was learnt from; or why it can't be told."""
    fields = _fields(found, language)
    told = [_first(found, fields, language)]
    if found.fixed is not None and found.expected is not None:
        told.append(_say("arithmetic", language, **_fixed(found, language)))
    told.append(_level(found, language))
    return (*told, *_learnt(found.relation, language))


def relation_sentences(found: Relation, language: str) -> tuple[str, ...]:
    """Whether the one goes with the other, by how much, how soon; and what that was learnt from."""
    told = _learnt(found, language)
    if found.verdict != "estimated":
        return (_say("unrelated", language, measure=_name(found.outcome), lever=_name(found.lever)), *told)
    return told


def group_sentences(
    found: tuple[GroupOutcome, ...], column: ResultColumn, label: str, *, apart: bool, language: str
) -> tuple[str, ...]:
    """Where it would have meant most and least, in relation to what was; the largest where all react alike."""
    shown = sorted(found, key=lambda g: g.expected.value / g.before) if apart else list(found[:_LARGEST])
    told = [_say("by_group" if apart else "by_size", language, group=one_line(label.lower(), _LENGTH))]
    for group in shown if len(shown) <= _FEW else (*shown[:2], *shown[-2:]):
        made = group.expected
        fields = {
            "name": one_line(group.name, _LENGTH),
            "before": _number(group.before, column, language),
            "after": _number(made.value, column, language),
            "relative": _relative(made.value, group.before, language),
            "low": _relative(made.low, group.before, language),
            "high": _relative(made.high, group.before, language),
        }
        told.append(_say("of_group", language, **fields))
    return tuple(told)


def group_notes(label: str, count: int, *, apart: bool, language: str) -> tuple[str, ...]:
    """How the groups were estimated."""
    fields = {"group": one_line(label.lower(), _LENGTH), "count": str(count)}
    return (_say("groups_apart" if apart else "groups_alike", language, **fields),)


def _fields(found: Scenario, language: str) -> dict[str, str]:
    fields = {
        "measure": _name(found.outcome.label or found.outcome.name),
        "lever": _name(found.lever.label or found.lever.name),
        "change": changed(found.change, language),
        "share": show_number(-found.change, language=language, format="percent"),
        "before": _number(found.before, found.outcome, language),
    }
    if found.moved is not None:
        fields |= {"source": one_line(found.moved[0], _LENGTH), "target": one_line(found.moved[1], _LENGTH)}
    if (made := found.expected) is not None:
        fields |= {
            "after": _number(made.value, found.outcome, language),
            "low": _number(made.low, found.outcome, language),
            "high": _number(made.high, found.outcome, language),
            "relative": _relative(made.value, found.before, language),
        }
    return fields


def changed(change: float, language: str) -> str:
    """ "5.0% higher"."""
    share = show_number(abs(change), language=language, format="percent")
    return scenario_word("up" if change >= 0 else "down", language, share=share)


def _first(found: Scenario, fields: dict[str, str], language: str) -> str:
    moved = found.moved is not None
    if found.expected is not None:
        return _say("moved" if moved else "estimated", language, **fields)
    if found.fixed is not None:
        return _say("fixed", language, **fields | _fixed(found, language))
    return _say("unknown_moved" if moved else "unknown", language, **fields)


def _fixed(found: Scenario, language: str) -> dict[str, str]:
    assert found.fixed is not None
    return {
        "fixed": _number(found.fixed, found.outcome, language),
        "relative": _relative(found.fixed, found.before, language),
    }


def _level(found: Scenario, language: str) -> str:
    ends = (_number(v, found.lever, language) for v in (found.lever_before, found.lever_after))
    lever = _name(found.lever.label or found.lever.name)
    if found.moved is not None:
        lever = f"{lever} ({found.moved[0]})"
    return _say("level", language, lever=lever, **dict(zip(("from", "to"), ends, strict=True)))


def _learnt(found: Relation, language: str) -> tuple[str, ...]:
    """The relation, when it works, its grounds."""
    fields = {"measure": _name(found.outcome), "lever": _name(found.lever)}
    if found.verdict in ("never_varied", "too_little") or found.elasticity is None:
        return (_say(found.verdict, language, **fields),)
    sizes = _sizes(found.elasticity, language)
    if found.verdict != "estimated":
        told_apart = found.verdict == "no_effect" and found.kind in ("price", "move")
        key = f"no_effect_{found.kind}" if told_apart else found.verdict
        return (_say(key, language, **fields, **sizes), _grounds(found, language))
    if found.kind == "move":
        return (_grounds(found, language),)
    key = {"price": "price", "flow": "flow"}.get(found.kind, "other")
    word = ("more", "less") if found.kind != "level" else ("higher", "lower")
    more = scenario_word(word[found.elasticity.value < 0], language)
    told = [_say(key, language, **fields, **sizes, more=more)]
    if len(found.by_step) > 1:
        told.append(_when(found, language))
    return (*told, _grounds(found, language))


def _sizes(found: Range, language: str) -> dict[str, str]:
    named = {"elasticity": abs(found.value), "low": found.low, "high": found.high}
    return {k: _short(v) for k, v in named.items()}


def _short(value: float) -> str:
    """Two digits: more would pretend to know."""
    text = f"{float(f'{value:.2g}'):.6f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"


def _when(found: Relation, language: str) -> str:
    sizes = [abs(r.value) for r in found.by_step]
    most = sizes.index(max(sizes))
    if not most:
        return _say("at_once", language, step=grain_word(Grain(found.grain), spoken(language)))
    counted_words = counted(most, Grain(found.grain), spoken(language))
    return _say("later", language, count="", steps=counted_words).replace("  ", " ")


def _grounds(found: Relation, language: str) -> str:
    fields = {
        "rows": show_number(found.rows, language=language),
        "grain": grain_word(Grain(found.grain), spoken(language)),
        "first": show_date(found.first, "", language) if found.first else "",
        "last": show_date(found.last, "", language) if found.last else "",
    }
    if found.units:
        gap = "、" if spoken(language) == "zh" else ", "
        fields |= {"compared": str(found.compared), "units": gap.join(_name(u) for u in found.units)}
    if found.compared >= 4:
        fields["others"] = scenario_word("others", language).strip()
    return _say("learnt", language, **fields)


def _name(text: str) -> str:
    return one_line(text.replace("_", " "), _LENGTH)


def _relative(value: float, before: float, language: str) -> str:
    return show_number(value / before - 1, language=language, format="percent", signed=True) if before else ""


def _number(value: float, column: ResultColumn, language: str) -> str:
    if abs(value) >= _SHORT_FROM:
        return show_number(value, language=language, format=column.format, unit=column.unit, short=True)
    return show_cell(round(value) if column.format == "integer" else value, column, language)
