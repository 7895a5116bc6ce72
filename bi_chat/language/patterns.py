"""In: the text of a pattern, as rule files write it. Out: a matcher that walks a chart of tokens and of what was found.

The words of a pattern: `last` a word as written · `(last|up to)` one of these · `<unit>` something found before, by
kind · `<n:number|year>` the same under a name, one of two kinds · `<numeral+>` an unbroken run of them, as long as it
goes · `?` after any of these: may be missing. In Chinese, where one character is one token, `上个月` is three words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bi_chat.language.meanings import Amount, Duration, GrainSaid, PartIs, PartSaid, Token
from bi_chat.values.period import PeriodExpr

Value = str | int | float | Amount | PeriodExpr | GrainSaid | PartSaid | PartIs | Duration
Words = tuple[str, ...]

# A kind is also these: rules may ask for any period, or for any single one.
WIDER = {
    "year": ("point", "period"),
    "part": ("point", "period"),
    "dated": ("point", "period"),
    "relative": ("point", "period"),
    "span": ("period",),
    "count": (),
}

_ITEM = re.compile(
    r"<(?:(?P<name>\w+):)?(?P<kinds>[\w|]+)(?P<run>\+?)>(?P<q1>\??)|\((?P<group>[^)]*)\)(?P<q2>\??)|(?P<word>[^\s<(]+)"
)


@dataclass(frozen=True, slots=True)
class Capture:
    """What an item of a pattern took: tokens [start, end), with the score of the finding it took."""

    name: str
    value: Value | tuple[Value, ...]
    start: int
    end: int
    score: float = 1.0


Captured = tuple[Capture, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """Tokens [start, end) are a `kind` with `value`; `specific` and `score` as in `PeriodSaid` and `Match`."""

    start: int
    end: int
    kind: str
    value: Value
    rule: str
    specific: bool = True
    score: float = 1.0
    at_end: bool = False


class Chart:
    """The tokens of one text and all that has been found in them."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.norms = tuple(t.norm for t in tokens)
        self.nodes: list[Node] = []
        self.at: dict[str, dict[int, list[Node]]] = defaultdict(lambda: defaultdict(list))
        self.places: dict[str, list[int]] = defaultdict(list)
        self._seen: set[tuple[int, int, str, Value, bool, bool]] = set()
        for i, norm in enumerate(self.norms):
            self.places[norm].append(i)

    def add(self, node: Node) -> None:
        """Put a finding in, once, under its kind and the wider ones."""
        key = (node.start, node.end, node.kind, node.value, node.specific, node.at_end)
        if key in self._seen:
            return
        self._seen.add(key)
        self.nodes.append(node)
        for kind in (node.kind, *WIDER.get(node.kind, ())):
            here = self.at[kind][node.start]
            if not here:
                self.places[f"<{kind}>"].append(node.start)
            here.append(node)


@dataclass(frozen=True, slots=True)
class Item:
    """One step of a pattern: words as written (`words`), or findings (`kinds`)."""

    words: tuple[Words, ...] = ()
    kinds: tuple[str, ...] = ()
    name: str = ""
    run: bool = False
    optional: bool = False
    by_first: dict[str, tuple[Words, ...]] = field(init=False, default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for words in self.words:
            self.by_first[words[0]] = (*self.by_first.get(words[0], ()), words)

    @property
    def starts(self) -> frozenset[str]:
        """The symbols it can begin with: words, or kinds in angle brackets."""
        return frozenset(w[0] for w in self.words) | frozenset(f"<{k}>" for k in self.kinds)

    def ends(self, chart: Chart, at: int) -> Iterator[tuple[int, Captured]]:
        """Where it may end when it begins at token `at`, with what it captures."""
        if self.words and at < len(chart.norms):
            for words in self.by_first.get(chart.norms[at], ()):
                if chart.norms[at : at + len(words)] == words:
                    yield at + len(words), ()
        if self.run:
            yield from self._run(chart, at)
            return
        for kind in self.kinds:
            for node in chart.at[kind].get(at, ()) if kind in chart.at else ():
                yield node.end, (Capture(self.name, node.value, at, node.end, node.score),)

    def _run(self, chart: Chart, at: int) -> Iterator[tuple[int, Captured]]:
        found = [chart.at[k] for k in self.kinds if k in chart.at]
        if any(n.end == at for places in found for nodes in places.values() for n in nodes):
            return  # a run begins at its beginning: 十一月 holds no 一月
        first, values = at, list[Value]()
        while nodes := next((p[at] for p in found if at in p), None):
            values.append(nodes[-1].value)
            at = nodes[-1].end
        if values:
            yield at, (Capture(self.name, tuple(values), first, at),)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sequence of items."""

    items: tuple[Item, ...]
    starts: frozenset[str]

    def matches(self, chart: Chart) -> Iterator[tuple[int, int, Captured]]:
        """Every place where the pattern holds: first token, token after the last, captures."""
        places = {p for s in self.starts if s in chart.places for p in chart.places[s]}
        for start in sorted(places):
            for end, captured in self._walk(chart, 0, start, ()):
                yield start, end, captured

    def _walk(self, chart: Chart, step: int, at: int, captured: Captured) -> Iterator[tuple[int, Captured]]:
        if step == len(self.items):
            yield at, captured
            return
        item = self.items[step]
        for end, more in item.ends(chart, at):
            yield from self._walk(chart, step + 1, end, captured + more)
        if item.optional:
            yield from self._walk(chart, step + 1, at, captured)


def parse_pattern(text: str, split: Callable[[str], Iterable[Token]]) -> Pattern:
    """A pattern from its text; `split` is the language's tokenizer. Raises ValueError when it says nothing."""
    items: list[Item] = []
    for match in _ITEM.finditer(text):
        items.extend(_items(match, split))
    starts: frozenset[str] = frozenset()
    for item in items:
        starts |= item.starts
        if not item.optional:
            break
    else:
        raise ValueError(f"a pattern needs an item that must be there: {text!r}")
    return Pattern(tuple(items), starts)


def _items(match: re.Match[str], split: Callable[[str], Iterable[Token]]) -> list[Item]:
    if kinds := match["kinds"]:
        name = match["name"] or kinds.split("|")[0]
        return [Item(kinds=tuple(kinds.split("|")), name=name, run=bool(match["run"]), optional=bool(match["q1"]))]
    if match["group"] is not None:
        words = tuple(tuple(t.norm for t in split(option)) for option in match["group"].split("|"))
        return [Item(words=words, optional=bool(match["q2"]))]
    word = match["word"]
    optional = len(word) > 1 and word.endswith("?")
    norms = tuple(t.norm for t in split(word.removesuffix("?") if optional else word))
    if optional and len(norms) > 1:
        raise ValueError(f"a phrase that may be missing stands in parentheses: {word!r}")
    return [Item(words=(norms,), optional=optional)]
