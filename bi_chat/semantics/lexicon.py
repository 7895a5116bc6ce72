"""In: a semantic model. Out: an index from words to metrics, fields, datasets, roles and values.

Example: "pulsefit watches" → the value *PulseFit Smartwatch*. Difficulty: thousands of names and values, of which
a question mentions parts, plurals and misspellings. Rule: exact word sequences by one dictionary look-up for each span;
parts through posting lists of their rarest word; misspellings only for words that nothing else explains.
Cost grows with the question's length, not with the number of names.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from itertools import product

from bi_chat.language.meanings import Token
from bi_chat.semantics.events import event_names
from bi_chat.semantics.forms import (
    GENERIC,
    Key,
    abbreviates,
    is_han,
    posting_words_at,
    same_form,
    widest,
    written_in,
)
from bi_chat.semantics.heads import figure_heads
from bi_chat.semantics.known_values import (
    MOST_HOLDERS,
    SMALL_WORDS,
    Entry,
    MemoryValues,
    Tokenize,
    ValueIndex,
    case_score,
    keep_best,
    part_words,
    spellable,
)
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.semantics.targets import Hit, Kind, Target

LONGEST_NAME = 12
AMOUNT_ENDINGS = ("量", "数", "次数", "数量", "额", "金额")
QUOTES = "\"'“‘「『《"
VAGUE = frozenset("rate rates ratio ratios share percentage value values total totals sum average number count".split())
KINDS = (("type",), ("kind",), ("category",), ("class",))
COUNTING = ("number", "numbers", "count", "amount")
SMALL_HAN = frozenset("了的多少几是有和与在吗呢什么怎哪个每各")
WEIGHT = {"event": 0.88, "name": 1.0, "synonym": 0.97, "own": 0.94, "translated": 0.86, "general": 0.85}


class Lexicon:
    """Index over one model; immutable once built, shared by all sessions."""

    def __init__(
        self,
        model: SemanticModel,
        tokenize: Tokenize,
        *,
        general_synonyms: Callable[[tuple[str, ...]], Sequence[str]] | None = None,
        words_of: Callable[[str], tuple[str, ...]] | None = None,
    ) -> None:
        self._tokenize = tokenize
        self._general = general_synonyms or (lambda _words: ())
        self._words_of = words_of or (lambda name: tuple(name.replace("_", " ").split()))
        self._exact: dict[Key, dict[Target, Entry]] = defaultdict(dict)
        self._joined: dict[str, dict[Target, Entry]] = defaultdict(dict)
        self._postings: dict[str, dict[tuple[Target, Key, Key], None]] = defaultdict(dict)
        self._parts_cache: dict[str, float] = {}
        self._by_length: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._own: dict[Key, tuple[Target, Entry]] = {}
        self._heads: set[str] = set()
        self._name_words: dict[str, None] = {}
        self._model = model
        self._add_model(model)
        self._values: ValueIndex = model.known_values or MemoryValues(model, tokenize)
        self._phrases = max(1, sum(len(v) for v in self._exact.values()) + self._values.size)

    # ------------------------------------------------------------------ building
    def _add_model(self, model: SemanticModel) -> None:
        for metric in model.metrics:
            self._add_names(Target(Kind.METRIC, name=metric.name), metric.name, metric.label, metric.synonyms)
        for ref, noun in figure_heads(model, self._words_of):
            self._add(Target(Kind.FIELD, *ref), noun, "general")
        for dataset in model.datasets:
            self._add_names(Target(Kind.DATASET, dataset.name), dataset.name, dataset.label, dataset.synonyms)
            self._add_head(dataset, model)
            for field in dataset.fields:
                self._add_field(dataset, field)
                self._add_kind(dataset, Target(Kind.FIELD, dataset.name, field.name), field)
        for rel in model.relationships:
            for name in filter(None, (rel.role, *rel.synonyms)):
                role = Target(Kind.ROLE, rel.from_dataset, name=rel.name)
                self._add(role, name, "synonym")
                if name.lower().split()[-1] in ("at", "in", "to", "from", "by", "on"):
                    self._add(role, " ".join(name.split()[:-1]), "own")  # "picked up in Oslo": picked up at

        for says, target in model.own_words:
            tokens = self._tokenize(says)
            key = tuple(t.stem for t in tokens)
            self._own[key] = (target, (WEIGHT["name"], "name", says, tuple(t.norm for t in tokens)))
            self._exact[key].setdefault(target, self._own[key][1])

    def _add_head(self, dataset: Dataset, model: SemanticModel) -> None:
        """ "support tickets" are tickets, where no other dataset is."""
        words = [w.lower() for w in self._words_of(dataset.name)]
        if len(words) < 2 or not words[-1].isascii() or len(words[-1]) < 4:
            return
        others = (d for d in model.datasets if d.name != dataset.name)
        if not any(words[-1] in map(str.lower, self._words_of(d.name)) for d in others):
            self._add(Target(Kind.DATASET, dataset.name), words[-1], "own")

    def _add_field(self, dataset: Dataset, field: Field) -> None:
        target = Target(Kind.FIELD, dataset.name, field.name)
        self._add_names(target, field.name, field.label, field.synonyms)
        self._add_without_owner(dataset, target, field)
        for ending in AMOUNT_ENDINGS:
            if field.kind == "measure" and field.name.endswith(ending) and len(field.name) > len(ending) + 1:
                self._add(target, field.name.removesuffix(ending), "own")  # 点击 for 点击量
        if field.is_time or field.kind in ("time", "flag"):
            for said, how in event_names(field, self._words_of(field.name)):
                self._add(target, said, how)
                for spoken in self._general(tuple(said.split())) if how == "event" and said.isascii() else ():
                    self._add(target, "" if spoken.isascii() else spoken, "event")  # paid_on is 付款

    def _add_names(self, target: Target, name: str, label: str, synonyms: Iterable[str]) -> None:
        words = self._words_of(name)
        spoken = " ".join(words)
        self._add(target, spoken, "name")
        if name.lower() != spoken.lower():
            self._add(target, name, "name")
        if label:
            self._add(target, label, "name")
        for synonym in synonyms:
            self._add(target, synonym, "synonym")
        for synonym in self._general(words):
            self._add(target, synonym, "general" if synonym.isascii() is spoken.isascii() else "translated")

    def _add_without_owner(self, dataset: Dataset, target: Target, field: Field) -> None:
        """ "customer_name" of customers is its name; "service_type_code" of services its type code, and its type."""
        owner = [self._stem(w) for w in self._words_of(dataset.name)]
        words = [w.lower() for w in self._words_of(field.name)]
        self._heads.update(self._stem(w) for w in words[-1:] if len(words) > 1)
        rest = list(words)
        while rest and any(self._stem(rest[0]) == w or abbreviates(rest[0], w) for w in owner):
            rest.pop(0)
        if rest and len(rest) < len(words) and not SMALL_WORDS.issuperset(rest):
            self._add(target, " ".join(rest), "own")
            self._add(target, " ".join([*self._words_of(dataset.name), *rest]), "own")
        if "in" in words[1:]:
            self._add(target, " ".join(words[: words.index("in")]), "own")
        if len(words) > 2 and words[-1] in ("code", "name", "number", "description"):
            self._add(target, " ".join(words[:-1]), "general")
        if len(rest) > 1 and rest[-1] in ("code", "id", "name", "number", "description"):
            self._add(target, " ".join(rest[:-1]), "general")

    def _add_kind(self, dataset: Dataset, target: Target, field: Field) -> None:
        """ "customer type" is the "kind" of a table of customers, which has no other word for it."""
        only = [f.name for f in dataset.fields if self._words_of(f.name)[-1:] in KINDS] == [field.name]
        for name, (kind,) in product((dataset.name, dataset.label, *dataset.synonyms), KINDS if only else ()):
            self._add(target, f"{' '.join(self._words_of(name))} {kind}" if name.isascii() else "", "general")

    def stem(self, word: str) -> str:
        """A word's stem, as the index knows it."""
        return self._stem(word)

    def _stem(self, word: str) -> str:
        found = self._tokenize(word)
        return found[0].stem if found else word

    def _add(self, target: Target, phrase: str, how: str) -> None:
        tokens = self._tokenize(phrase)
        key = tuple(t.stem for t in tokens)
        if not key or len(key) > LONGEST_NAME:
            return
        score = WEIGHT[how]
        if how in ("name", "synonym"):
            self._name_words.update(dict.fromkeys(t.norm for t in tokens if len(t.norm) > 2 and t.norm.isascii()))
        keep_best(self._exact[key], target, (score, how, phrase, tuple(t.norm for t in tokens)))
        if len(key) > 1:
            if not all(is_han(k) for k in key):
                keep_best(self._joined["".join(t.norm for t in tokens)], target, (score * 0.97, how, phrase, ()))
            if how not in ("general", "translated", "own", "event"):
                self._post(target, key, tuple(t.norm for t in tokens))

    def _post(self, target: Target, key: Key, written: Key) -> None:
        for word in part_words(key):
            self._postings[word][target, key, written] = None

    # ------------------------------------------------------------------ looking up
    def knows(self, stem: str) -> bool:
        """Whether a word occurs in any name or value."""
        return (
            (stem,) in self._exact or any(stem in i for i in (self._postings, self._joined)) or self._values.knows(stem)
        )

    def in_values(self, word: str) -> bool:
        """Whether a word is a part of a value."""
        return self._values.count(word) > 0

    def hits(self, tokens: Sequence[Token]) -> list[Hit]:
        """All spans that mean something, overlapping ones included."""
        found = [*self._exact_hits(tokens), *self._quoted_hits(tokens), *self._turned_hits(tokens)]
        named = {(h.start, h.end) for h in found if h.target.kind in (Kind.DATASET, Kind.FIELD)}
        rows = {(h.start, h.end) for h in found if h.target.kind is Kind.DATASET and h.how == "name"}
        found = [h for h in found if h.target.kind is not Kind.VALUE or not self._said_as_noun(h, tokens, named, rows)]
        found = [h for h in found if h.how != "event" or tokens[h.start].norm not in SMALL_WORDS]  # "at the end of"
        covered = {(h.start, h.end, h.target) for h in found}
        found.extend(h for h in self._part_hits(tokens) if (h.start, h.end, h.target) not in covered)
        return found

    def _said_as_noun(
        self, hit: Hit, tokens: Sequence[Token], named: set[tuple[int, int]], rows: set[tuple[int, int]]
    ) -> bool:
        """ "the California state", "the mountains": common nouns, not the values State and The Mountain."""
        first, text = tokens[hit.start], " ".join(t.text for t in tokens[hit.start : hit.end])
        if not text.isascii() or not text.islower() or text == hit.target.name:
            return False
        if hit.end - hit.start == 1:
            return first.stem in self._heads or (hit.start, hit.end) in rows
        return first.norm in SMALL_WORDS and (hit.start + 1, hit.end) in named

    def _exact_hits(self, tokens: Sequence[Token]) -> Iterator[Hit]:
        stems = [t.stem for t in tokens]
        norms = [t.norm for t in tokens]
        spans = [(i, j) for i in range(len(tokens)) for j in range(i + 1, min(len(tokens), i + LONGEST_NAME) + 1)]
        exact = self._all_exact({form for i, j in spans for form in ((*stems[i:j],), ("".join(stems[i:j]),))})
        joined = self._all_joined({"".join(norms[i:j]) for i, j in spans if j - i <= 3})
        for i, j in spans:
            for target, (score, how, said, written) in exact.get(tuple(stems[i:j]), ()):
                score = case_score(target, tokens[i:j], score * same_form(norms[i:j], written))
                yield Hit(i, j, target, score, how, said)
            if j - i <= 3:
                for target, (score, how, said, _) in joined.get("".join(norms[i:j]), ()):
                    yield Hit(i, j, target, score, how, said)
            if 2 <= j - i <= 3 and not is_han(stems[i]):
                for target, (score, how, said, _) in exact.get(("".join(stems[i:j]),), ()):
                    yield Hit(i, j, target, score * 0.97, how, said)

    def _all_exact(self, keys: set[Key]) -> dict[Key, list[tuple[Target, Entry]]]:
        """Names and values said by just these stems."""
        found = {k: list(self._exact[k].items()) for k in keys if k in self._exact}
        for key, values in self._values.exact(keys).items():
            found.setdefault(key, []).extend(values)
        found.update({key: [own] for key, own in self._own.items() if key in keys})
        return found

    def _all_joined(self, words: set[str]) -> dict[str, list[tuple[Target, Entry]]]:
        found = {w: list(self._joined[w].items()) for w in words if w in self._joined}
        for word, values in self._values.joined(words).items():
            found.setdefault(word, []).extend(values)
        return found

    def _turned_hits(self, tokens: Sequence[Token]) -> Iterator[Hit]:
        """ "year of opening" is the opening year, "date of the last login" the last login date."""
        for at, token in enumerate(tokens[1:-1], 1):
            if token.norm != "of":
                continue
            rest = at + 2 if tokens[at + 1].norm in ("the", "their", "its") else at + 1
            if tokens[at - 1].norm in COUNTING and rest == at + 1:
                continue  # "number of rooms" counts them, it is no room number
            if at > 1 and tokens[at - 2].norm.isdigit():
                continue  # "7 days of the incident"
            for end in range(rest + 1, min(len(tokens), rest + 3) + 1):
                tail = tuple(t.stem for t in tokens[rest:end])
                if any(t.kind is Kind.DATASET for t in self._exact.get(tail, {})):
                    break
                for target, (score, how, said, _) in self._exact.get((*tail, tokens[at - 1].stem), {}).items():
                    if target.kind is Kind.FIELD and how != "value":
                        yield Hit(at - 1, end, target, score * 0.97, how, said)

    def _quoted_hits(self, tokens: Sequence[Token]) -> Iterator[Hit]:
        """A quotation is a value as a whole, or none."""
        for i, token in enumerate(tokens):
            if len(token.text) > 2 and token.text[0] in QUOTES:
                key = tuple(t.stem for t in self._tokenize(token.text[1:-1]))
                for target, (score, how, said, _) in self._values.exact({key}).get(key, ()):
                    same = target.name == token.text[1:-1]
                    yield Hit(i, i + 1, target, score if same else score - 0.05, how, said)

    def _part_hits(self, tokens: Sequence[Token]) -> Iterator[Hit]:
        stems = [t.stem for t in tokens]
        best: dict[tuple[int, int, Target], float] = {}
        words = {word for i in range(len(stems)) for word in posting_words_at(stems, i)}
        holding = self._values.holding(words)
        for i, _stem in enumerate(stems):
            for word in posting_words_at(stems, i):
                if self._holders(word) > MOST_HOLDERS:
                    continue
                values = ((target, key, ()) for target, key in holding.get(word, ()))
                for target, key, written in (*self._postings.get(word, ()), *values):
                    start, end = widest(stems, i, key)
                    if all(t.norm in SMALL_WORDS or t.norm in VAGUE for t in tokens[start:end]):
                        continue
                    if target.kind is Kind.VALUE and not written_in(tokens[start:end], target.name):
                        continue
                    said = tokens[start:end]
                    form = tuple(written[key.index(t.stem)] for t in said if written and t.stem in key)
                    score = self._part_score(stems[start:end], key) * same_form([t.norm for t in said], form)
                    if score >= (0.3 if target.kind is Kind.VALUE else 0.5 if end - start == 1 else 0.38):
                        best[start, end, target] = max(score, best.get((start, end, target), 0.0))
        for (start, end, target), score in sorted(best.items(), key=lambda b: -b[1]):
            yield Hit(start, end, target, 0.9 * score, "part", "")

    def _part_score(self, said: Sequence[str], key: Key) -> float:
        """Share of the name's information that was said (rare words count more)."""
        if all(is_han(k) for k in key):
            return len(said) / len(key) if sum(k not in SMALL_HAN for k in said) >= 2 else 0.0
        total = sum(self._rarity(w) for w in key)
        return sum(self._rarity(w) for w in said if w in key) / total if total else 0.0

    def _rarity(self, word: str) -> float:
        known = self._parts_cache.get(word)
        if known is None:
            known = 0.25 if word in GENERIC else math.log(1 + self._phrases / (1 + self._holders(word)))
            self._parts_cache[word] = known
        return known

    def _holders(self, word: str) -> int:
        """How many names and values a word is a part of."""
        return len(self._postings.get(word, ())) + self._values.count(word)

    @cached_property
    def without_values(self) -> Lexicon:
        """The same index of names alone."""
        names = copy(self)
        names._values, names._parts_cache = MemoryValues(replace(self._model, datasets=()), self._tokenize), {}
        return names

    @property
    def name_words(self) -> tuple[str, ...]:
        """The English words of all names and synonyms, without values."""
        return tuple(self._name_words)

    def spelt(self, length: int, *, values: bool = True) -> tuple[str, ...]:
        """Known words of that many letters, in order (for what a misspelt one may be): of names, and of values."""
        found = self._by_length.get(length)
        if found is None:
            named = {w for entries in self._exact.values() for entry in entries.values() for w in entry[3]}
            own = {w for w in named if len(w) == length and spellable(w)}
            found = self._by_length[length] = (tuple(sorted(own)), tuple(set(self._values.spelt(length)) - own))
        return tuple(sorted((*found[0], *found[1]))) if values else found[0]
