"""In: texts with how often each stands and how it was marked. Out: the themes on one side: complaint, praise, or any.

A text is cut into clauses, and a complaint is read off the clause, not the text: "lovely tea, but late" praises one
thing and blames another. A clause takes a side by its tone; one without a tone of its own takes that of a text that was
marked (stars, or its tone as a whole). Terms are words and pairs that stand on this side more often than on the other
(log-odds with a prior, Monroe, Colaresi and Quinn 2008). Terms of one general theme belong together, and so do terms
that stand in the same texts; a group is named by its own commonest words. Nothing is drawn by chance.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bi_chat.analysis.feedback.cutting import Clause, aspect_of, clauses
from bi_chat.analysis.feedback.tone import tone
from bi_chat.values.themes import NEUTRAL, Theme

FEWEST = 2
_SHARE = 0.004  # of the relevant texts: what is rarer is no theme
_SURE = 1.0  # standard errors by which a term must lean to the side
_TONE = 0.08  # a clause's tone within ± this says nothing by itself
_SAME = 0.7  # of the smaller group's texts that lie in the larger: then they are one
_PRIOR = 50.0
_COMPARABLE = 0.1  # with less than this on the other side nothing can be compared
_QUOTES = 3
_QUOTE = 90
_NAMED = 3
_WRITTEN = 8
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A text, how many rows hold it, and whether the marks say negative (None: not marked)."""

    text: str
    count: int
    negative: bool | None = None


@dataclass(slots=True)
class _Read:
    """A text that was read: its clauses on the side, and on neither or the other."""

    opinion: Opinion
    negative: bool
    on_side: list[Clause] = field(default_factory=list)
    off_side: list[Clause] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    """Terms that are one theme, and the texts (by place) that hold one of them on the side."""

    aspect: str
    keys: set[str]
    texts: set[int]


@dataclass(frozen=True, slots=True)
class Themes:
    """What was found: themes, and how many texts were read, held anything of the side, and were negative."""

    themes: tuple[Theme, ...]
    texts: int
    relevant: int
    negative: int


def find_themes(opinions: Iterable[Opinion], *, side: str, most: int, known: frozenset[str] = frozenset()) -> Themes:
    """Themes of one side ("negative", "positive" or ""), commonest first. `known`: keys that name what was asked about,
    such as the product, and are no themes."""
    texts = [_read(o, side) for o in opinions]
    on, off, forms = _counted(texts)
    relevant = sum(t.opinion.count for t in texts if t.on_side)
    total = sum(t.opinion.count for t in texts)
    keys = _candidates(on, off, relevant, lean=bool(side)) - known
    groups = _grouped(texts, keys)
    weight = [t.opinion.count for t in texts]
    ranked = sorted(groups, key=lambda g: (-sum(weight[i] for i in g.texts), min(g.keys)))
    found = tuple(_theme(g, texts, forms, total) for g in ranked[:most])
    return Themes(found, total, relevant, sum(t.opinion.count for t in texts if t.negative))


def _read(opinion: Opinion, side: str) -> _Read:
    sound = tone(opinion.text) or 0.0
    negative = opinion.negative if opinion.negative is not None else sound <= -NEUTRAL
    positive = sound >= NEUTRAL if opinion.negative is None else not negative and sound > 0
    read = _Read(opinion, negative)
    for clause in clauses(opinion.text):
        mine = not side or _on(side, clause.tone, whole=negative if side == "negative" else positive)
        (read.on_side if mine else read.off_side).append(clause)
    return read


def _on(side: str, sound: float, *, whole: bool) -> bool:
    turned = -sound if side == "negative" else sound
    return turned > _TONE or (whole and turned >= -_TONE)


def _counted(texts: Sequence[_Read]) -> tuple[Counter[str], Counter[str], dict[str, Counter[str]]]:
    """In how many rows each key stands on the side and off it, and how it is written there."""
    on: Counter[str] = Counter()
    off: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        count = text.opinion.count
        for counter, parts in ((on, text.on_side), (off, text.off_side)):
            for key in {key for clause in parts for key, _ in clause.terms}:
                counter[key] += count
        for clause in text.on_side:
            for key, form in clause.terms:
                forms[key][form] += count
    return on, off, forms


def _candidates(on: Counter[str], off: Counter[str], relevant: int, *, lean: bool) -> set[str]:
    """Keys common enough, that lean to the side, pairs only where they are more than chance."""
    fewest = max(FEWEST, math.ceil(relevant * _SHARE))
    sums = sum(on.values()) + 1, sum(off.values()) + 1
    lean = lean and sums[1] > _COMPARABLE * sums[0]
    found = set()
    for key, count in on.items():
        parts = key.split(" ")
        bound = len(parts) == 1 or count >= 0.5 * min(on[p] for p in parts)
        if count >= fewest and bound and (not lean or not off[key] or _leaning(count, off[key], sums) >= _SURE):
            found.add(key)
    return found


def _leaning(on: int, off: int, sums: tuple[int, int]) -> float:
    """Standard errors by which a key is commoner on the side: log-odds, with both together as the prior."""
    here, there = sums
    prior = _PRIOR * (on + off) / (here + there)
    odds = math.log((on + prior) / (here + _PRIOR - on - prior)) - math.log(
        (off + prior) / (there + _PRIOR - off - prior)
    )
    return odds / math.sqrt(1 / (on + prior) + 1 / (off + prior))


def _grouped(texts: Sequence[_Read], keys: set[str]) -> list[_Group]:
    """Terms of one general theme together, then terms that stand in the same texts."""
    places: dict[str, set[int]] = defaultdict(set)
    for place, text in enumerate(texts):
        for clause in text.on_side:
            for key, _ in clause.terms:
                if key in keys:
                    places[key].add(place)
    groups: dict[str, _Group] = {}
    for key in sorted(places):
        aspect = aspect_of(key)
        group = groups.setdefault(aspect or f" {key}", _Group(aspect, set(), set()))
        group.keys.add(key)
        group.texts |= places[key]
    return _joined(sorted(groups.values(), key=lambda g: (-len(g.texts), min(g.keys))), texts)


def _joined(groups: list[_Group], texts: Sequence[_Read]) -> list[_Group]:
    """The larger group takes in what stands in its own texts; two general themes only where they are nearly equal."""
    weight = [t.opinion.count for t in texts]
    kept: list[_Group] = []
    for group in groups:
        own = sum(weight[i] for i in group.texts)
        home = None
        for other in kept:
            shared = sum(weight[i] for i in group.texts & other.texts)
            whole = sum(weight[i] for i in group.texts | other.texts) if group.aspect and other.aspect else own
            if shared >= _SAME * whole:
                home = other
                break
        if home is None:
            kept.append(group)
        else:
            home.keys |= group.keys
            home.texts |= group.texts
            home.aspect = home.aspect or group.aspect
    return kept


def _theme(group: _Group, texts: Sequence[_Read], forms: dict[str, Counter[str]], total: int) -> Theme:
    mine = [texts[i] for i in sorted(group.texts)]
    mentions = sum(t.opinion.count for t in mine)
    everywhere = [t for t in texts if any(k in group.keys for c in (*t.on_side, *t.off_side) for k, _ in c.terms)]
    all_mentions = sum(t.opinion.count for t in everywhere)
    negative = sum(t.opinion.count for t in everywhere if t.negative)
    return Theme(
        _name(group, mine, forms),
        mentions,
        mentions / total if total else 0.0,
        all_mentions,
        negative / all_mentions if all_mentions else 0.0,
        _quotes(group, mine),
        _written(group, forms),
    )


def _written(group: _Group, forms: dict[str, Counter[str]]) -> tuple[str, ...]:
    """The commonest forms of its single words."""
    counts: Counter[str] = Counter()
    for key in group.keys:
        if " " not in key:
            counts.update(forms[key])
    return tuple(form for form, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:_WRITTEN])


def _name(group: _Group, mine: Sequence[_Read], forms: dict[str, Counter[str]]) -> str:
    """Its commonest words; a pair says more than its parts where it is nearly as common."""
    counts: Counter[str] = Counter()
    for text in mine:
        for key in {k for c in text.on_side for k, _ in c.terms if k in group.keys}:
            counts[key] += text.opinion.count
    for pair in [k for k in counts if " " in k]:
        for part in pair.split(" "):
            if part in counts and counts[pair] >= _SAME * counts[part]:
                del counts[part]
    said: list[str] = []
    for key, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0])):
        form = min(forms[key], key=lambda f: (-forms[key][f], f))
        if not any(form in s or s in form for s in said):
            said.append(form)
        if len(said) == _NAMED:
            break
    return " / ".join(said)


def _quotes(group: _Group, mine: Sequence[_Read]) -> tuple[str, ...]:
    """Short pieces that hold the theme, a sentence or a clause: the commonest first, then those that say it loudest."""
    found: dict[str, tuple[int, float, str]] = {}
    for text in mine:
        held = [c for c in text.on_side if any(k in group.keys for k, _ in c.terms)]
        if not held:
            continue
        loudest = max(held, key=lambda c: (abs(c.tone), len(c.terms), c.text))
        sentence = next((s for s in _SENTENCE.findall(text.opinion.text) if loudest.text in s), loudest.text)
        quote = " ".join((sentence if len(sentence) <= _QUOTE else loudest.text).split())
        if len(quote) <= _QUOTE:
            more = (-text.opinion.count, -round(abs(loudest.tone), 1), quote)
            found[quote.lower()] = min(found.get(quote.lower(), more), more)
    return tuple(quote for *_, quote in sorted(found.values())[:_QUOTES])
