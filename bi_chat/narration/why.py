"""In: `Drivers` or `UnusualPoints`. Out: careful sentences; every number in them is one of the values."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from bi_chat.language.display import one_line, show_date, show_number
from bi_chat.narration.notes import say_note
from bi_chat.narration.pack import fill, spoken
from bi_chat.values.drivers import Anomaly, Driver, Drivers, Split, UnusualPoints
from bi_chat.values.result import Cell

MOST_OTHERS = 3
_SHORT_FROM = 100_000
_LENGTH = 60
Sections = dict[str, dict[str, dict[str, str]]]


@cache
def _sections() -> Sections:
    text = resources.files("bi_chat.narration").joinpath("why.yaml").read_text(encoding="utf-8")
    found: Sections = yaml.safe_load(text)
    return found


def _say(language: str, section: str, key: str, **fields: str) -> str:
    return fill(_sections()[spoken(language)][section][key], fields)


def driver_sentences(drivers: Drivers, language: str) -> tuple[str, ...]:
    """The change, what it coincides with, other names of that, the next dimensions; caveats last, none left out."""
    top = drivers.headline
    told = [_inside(drivers, language) + _total(drivers, language)]
    if drivers.pair_first:
        told += _pair(drivers, language)
    elif top is None:
        told.append(_say(language, "why", "none"))
    else:
        told += [*_headline(drivers, top, language), *_pair(drivers, language)]
    told += [_split(drivers, s, language) for s in drivers.splits]
    notes = [n for n in drivers.notes if not drivers.pair_first or n.code != "nothing_stands_out"]
    return (*told, *(say_note(n, language) for n in notes))


def _pair(d: Drivers, language: str) -> list[str]:
    """Two values together, with what both would have let expect."""
    pair = d.pair
    if pair is None:
        return []
    names = [one_line(label.replace("_", " "), _LENGTH) for label in pair.labels]
    values = [segment_name(v, language) for v in pair.values]
    both = [_say(language, "words", "pair", dimension=n, segment=v) for n, v in zip(names, values, strict=True)]
    numbers = {
        "from": _number(d, pair.segment.before or 0.0, language),
        "to": _number(d, pair.segment.after or 0.0, language),
        "contribution": _number(d, pair.segment.contribution, language, signed=True),
        "change": _number(d, d.change, language, signed=True),
        "expected": _number(d, pair.segment.expected, language, signed=True),
    }
    return [
        _say(language, "why", key, one=both[0], other=both[1], **numbers)
        for key in ("together" if d.pair_first else "besides", "neither")
    ]


def _split(d: Drivers, split: Split, language: str) -> str:
    """A change by what it is made of; parts that may be missing are told where they are not 0."""
    fields = {name: _number(d, value, language, signed=True) for name, value in split.parts}
    for name in ("arrived", "gone", "unknown"):
        if not dict(split.parts).get(name):
            fields.pop(name, None)
    named = zip(("count_new", "count_lost", "count_kept"), split.counts, strict=False)
    fields |= {name: show_number(count, language=language) for name, count in named}
    return _say(language, "split", split.kind, of=one_line(" ".join(split.of).lower(), _LENGTH), **fields)


def unusual_sentences(found: UnusualPoints, language: str) -> tuple[str, ...]:
    """How many points are unusual, then each with its value and what was expected."""
    count = len(found.points)
    key = {0: "none", 1: "one"}.get(count, "some")
    measure = one_line(found.measure, _LENGTH)
    head = _say(language, "unusual", key, measure=measure, count=str(count), checked=str(found.checked))
    return (head, *(_point(p, found, language) for p in found.points))


def _point(point: Anomaly, found: UnusualPoints, language: str) -> str:
    value, expected = (
        show_number(v, language=language, format=found.format, unit=found.unit, short=abs(v) >= _SHORT_FROM)
        for v in (point.value, _rounded(point.expected, found.format))
    )
    return _say(
        language, "unusual", "point", at=show_date(point.at, found.grain, language), value=value, expected=expected
    )


def _rounded(value: float, form: str) -> float:
    """An expectation to three digits: more would pretend to know."""
    return float(f"{value:.3g}") if form != "integer" or abs(value) < 1000 else float(round(value))


def _inside(d: Drivers, language: str) -> str:
    """The segments that were looked into."""
    if not d.inside:
        return ""
    gap = "" if spoken(language) == "zh" else " "
    return _say(language, "why", "within", segments=_list(d, d.inside, "pair", language)) + gap


def _total(d: Drivers, language: str) -> str:
    way = "up" if d.change > 0 else "down" if d.change < 0 else "flat"
    before, after = (_number(d, v or 0.0, language) for v in (d.before, d.after))
    relative = d.change / d.before if d.before and d.before > 0 else None
    percent = show_number(relative, language=language, format="percent", signed=True) if relative is not None else ""
    sides = {"one": one_line(d.sides[0], _LENGTH), "other": one_line(d.sides[1], _LENGTH)} if d.sides else {}
    return _say(
        language,
        "why",
        f"apart_{way}" if d.sides else way,
        **sides,
        measure=one_line(d.measure, _LENGTH),
        before=before,
        after=after,
        change=_number(d, d.change, language, signed=True),
        relative=percent,
    )


def _headline(d: Drivers, top: Driver, language: str) -> list[str]:
    segment = top.segment
    fields = {
        "from": _number(d, segment.before or 0.0, language),
        "to": _number(d, segment.after or 0.0, language),
        "change": _number(d, d.change, language, signed=True),
        "rate": _number(d, segment.rate, language, signed=True) if segment.rate is not None else "",
        "mix": _number(d, segment.mix, language, signed=True) if segment.mix is not None else "",
    }
    key = "apart" if d.sides else "headline" if d.kind == "sum" else "headline_ratio"
    told = [_say(language, "why", key, **_named(d, top, language), **fields)]
    if segment.stands_out:
        told.append(
            _say(
                language,
                "why",
                "apart_beyond" if d.sides else "beyond",
                expected=_number(d, segment.expected, language, signed=True),
            )
        )
    if d.also:
        told.append(_say(language, "why", "same", others=_list(d, d.also, "pair", language)))
    if d.deeper is not None:
        told.append(_say(language, "why", "deeper", **_named(d, d.deeper, language)))
    if others := _others(d, top):
        told.append(_say(language, "why", "others", others=_list(d, others, "item", language)))
    return told


def _others(d: Drivers, top: Driver) -> tuple[Driver, ...]:
    """Segments of further dimensions that stand out, except those told already."""
    told = {top.field, *(a.field for a in d.also)}
    found = [
        Driver(b.field, b.label, b.segments[0])
        for b in d.breakdowns
        if b.field not in told and not b.periodic and b.segments[0].stands_out and b.segments[0].score > 0
    ]
    return tuple(found[:MOST_OTHERS])


def _list(d: Drivers, found: tuple[Driver, ...], key: str, language: str) -> str:
    gap = _sections()[spoken(language)]["words"]["and"]
    return gap.join(_say(language, "words", key, **_named(d, x, language)) for x in found)


def _named(d: Drivers, driver: Driver, language: str) -> dict[str, str]:
    return {
        "dimension": one_line(driver.label.replace("_", " "), _LENGTH),
        "segment": segment_name(driver.segment.value, language),
        "contribution": _number(d, driver.segment.contribution, language, signed=True),
    }


def segment_name(value: Cell, language: str) -> str:
    """A segment's value as text; rows without a value are called so."""
    return _sections()[spoken(language)]["words"]["missing"] if value is None else one_line(str(value), _LENGTH)


def _number(d: Drivers, value: float, language: str, *, signed: bool = False) -> str:
    whole = d.format == "integer" and value == round(value)
    return show_number(
        round(value) if whole else value,
        language=language,
        format="number" if d.format == "integer" and not whole else d.format,
        unit=d.unit,
        short=abs(value) >= _SHORT_FROM,
        signed=signed,
    )
