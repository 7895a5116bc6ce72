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

from bi_chat.language.meanings import Token
from bi_chat.semantics.forms import (
    GENERIC,
    Key,
    abbreviates,
    is_han,
    posting_words,
    posting_words_at,
    same_form,
    widest,
    written_in,
)
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.semantics.targets import Hit, Kind, Target

Tokenize = Callable[[str], tuple[Token, ...]]
Entry = tuple[float, str, str, Key]

LONGEST_NAME = 12
TIME_ENDINGS = ("日期", "时间")
QUOTES = "\"'“‘「『《"
SMALL_WORDS = frozenset(
    (
        "the a an some one two any each every both per top end ever single once just only there here now back "
        "way day is in on at by to as for from of it its if so up out and or with without not no all any our "
        "we you they their his her that this who which what how was were are be been do did does has have had "
        "more most less least than then new other "
    ).split()
)
WEIGHT = {"event": 0.88, "name": 1.0, "synonym": 0.97, "own": 0.94, "general": 0.85, "value": 1.0}


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
        self._postings: dict[str, set[tuple[Target, Key]]] = defaultdict(set)
        self._parts_cache: dict[str, float] = {}
        self._by_length: dict[int, list[str]] | None = None
        self._heads: set[str] = set()
        self._add_model(model)
        self._phrases = max(1, sum(len(v) for v in self._exact.values()))

    # ------------------------------------------------------------------ building
    def _add_model(self, model: SemanticModel) -> None:
        for metric in model.metrics:
            self._add_names(Target(Kind.METRIC, name=metric.name), metric.name, metric.label, metric.synonyms)
        for dataset in model.datasets:
            self._add_names(Target(Kind.DATASET, dataset.name), dataset.name, dataset.label, dataset.synonyms)
            self._add_head(dataset, model)
            for field in dataset.fields:
                self._add_field(dataset, field)
        for rel in model.relationships:
            names = (*([rel.role] if rel.role else ()), *rel.synonyms)
            for name in names:
                self._add(Target(Kind.ROLE, rel.from_dataset, name=rel.name), name, "synonym")

    def _add_head(self, dataset: Dataset, model: SemanticModel) -> None:
        """ "support tickets" are tickets, where no other dataset is."""
        words = [w.lower() for w in self._words_of(dataset.name)]
        if len(words) < 2 or not words[-1].isascii() or len(words[-1]) < 4:
            return
        rivals = [
            d for d in model.datasets if d.name != dataset.name and words[-1] in map(str.lower, self._words_of(d.name))
        ]
        if not rivals:
            self._add(Target(Kind.DATASET, dataset.name), words[-1], "own")

    def _add_field(self, dataset: Dataset, field: Field) -> None:
        target = Target(Kind.FIELD, dataset.name, field.name)
        self._add_names(target, field.name, field.label, field.synonyms)
        self._add_without_owner(dataset, target, field)
        if field.is_time or field.kind in ("time", "flag"):
            self._add_bare_event(target, field)
        if field.kind == "text":
            return
        for value in field.values:
            self._add_value(Target(Kind.VALUE, dataset.name, field.name, value), value, "value")
        for value, spoken in field.value_synonyms:
            self._add_value(Target(Kind.VALUE, dataset.name, field.name, value), spoken, "synonym")

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
            self._add(target, synonym, "general")

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

    def stem(self, word: str) -> str:
        """A word's stem, as the index knows it."""
        return self._stem(word)

    def _stem(self, word: str) -> str:
        found = self._tokenize(word)
        return found[0].stem if found else word

    def _add_bare_event(self, target: Target, field: Field) -> None:
        """ "shipped" means ship_date: a time or flag field is also known by its words without the generic ones."""
        for ending in TIME_ENDINGS:
            if field.name.endswith(ending) and len(field.name) > len(ending) + 1:
                self._add(target, field.name.removesuffix(ending), "event")
        words = [w for w in self._words_of(field.name) if w.lower() not in GENERIC and w.lower() != "is"]
        if words and len(words) < len(self._words_of(field.name)):
            self._add(target, " ".join(words), "event")
            self._add(target, " ".join([*words, "date"]), "own")

    def _add(self, target: Target, phrase: str, how: str) -> None:
        tokens = self._tokenize(phrase)
        key = tuple(t.stem for t in tokens)
        if not key or len(key) > LONGEST_NAME:
            return
        score = WEIGHT[how]
        self._keep(self._exact[key], target, (score, how, phrase, tuple(t.norm for t in tokens)))
        if len(key) > 1:
            if not all(is_han(k) for k in key):
                self._keep(self._joined["".join(t.norm for t in tokens)], target, (score * 0.97, how, phrase, ()))
            if how not in ("general", "own", "event"):
                self._post(target, key)

    def _add_value(self, target: Target, phrase: str, how: str) -> None:
        tokens = self._tokenize(phrase[:120])
        key = tuple(t.stem for t in tokens)
        if not key or len(key) > 2 * LONGEST_NAME:
            return
        for form in {key, tuple(k for k in key if k[0].isalnum())}:
            if form:
                written = tuple(t.norm for t in tokens) if form == key else ()
                self._keep(self._exact[form], target, (WEIGHT[how], "value", phrase, written))
        if len(key) > 1:
            if len(key) <= 4 and not all(is_han(k) for k in key):
                self._keep(self._joined["".join(t.norm for t in tokens)], target, (0.95, "value", phrase, ()))
            self._post(target, key)

    def _post(self, target: Target, key: Key) -> None:
        for word in set(posting_words(key)):
            if word not in GENERIC and word not in SMALL_WORDS and not word.isdigit():
                self._postings[word].add((target, key))

    @staticmethod
    def _keep(into: dict[Target, Entry], target: Target, entry: Entry) -> None:
        known = into.get(target)
        if known is None or known[0] < entry[0]:
            into[target] = entry

    # ------------------------------------------------------------------ looking up
    def knows(self, stem: str) -> bool:
        """Whether a word occurs in any name or value."""
        return (stem,) in self._exact or stem in self._postings or stem in self._joined

    def hits(self, tokens: Sequence[Token]) -> list[Hit]:
        """All spans that mean something, overlapping ones included."""
        found = [*self._exact_hits(tokens), *self._quoted_hits(tokens), *self._turned_hits(tokens)]
        named = {(h.start, h.end) for h in found if h.target.kind in (Kind.DATASET, Kind.FIELD)}
        rows = {(h.start, h.end) for h in found if h.target.kind is Kind.DATASET and h.how == "name"}
        found = [h for h in found if h.target.kind is not Kind.VALUE or not self._said_as_noun(h, tokens, named, rows)]
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
        for i in range(len(tokens)):
            for j in range(i + 1, min(len(tokens), i + LONGEST_NAME) + 1):
                for target, (score, how, said, written) in self._exact.get(tuple(stems[i:j]), {}).items():
                    score = self._case_score(target, tokens[i:j], score * same_form(norms[i:j], written))
                    yield Hit(i, j, target, score, how, said)
                if j - i <= 3:
                    for target, (score, how, said, _) in self._joined.get("".join(norms[i:j]), {}).items():
                        yield Hit(i, j, target, score, how, said)
                if 2 <= j - i <= 3 and not is_han(stems[i]):
                    for target, (score, how, said, _) in self._exact.get(("".join(stems[i:j]),), {}).items():
                        yield Hit(i, j, target, score * 0.97, how, said)

    def _turned_hits(self, tokens: Sequence[Token]) -> Iterator[Hit]:
        """ "year of opening" is the opening year, "date of the last login" the last login date."""
        for at, token in enumerate(tokens[1:-1], 1):
            if token.norm != "of":
                continue
            rest = at + 2 if tokens[at + 1].norm in ("the", "their", "its") else at + 1
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
                for target, (score, how, said, _) in self._exact.get(key, {}).items():
                    if target.kind is Kind.VALUE:
                        same = target.name == token.text[1:-1]
                        yield Hit(i, i + 1, target, score if same else score - 0.05, how, said)

    def _case_score(self, target: Target, tokens: Sequence[Token], score: float) -> float:
        """Prefer the value written as in the data ("US" over "us") for one short word."""
        if target.kind is Kind.VALUE and len(tokens) == 1 and not is_han(tokens[0].norm):
            common = len(tokens[0].norm) <= 2 or tokens[0].norm in SMALL_WORDS
            return score if tokens[0].text == target.name or not common else score * 0.55
        return score

    def _part_hits(self, tokens: Sequence[Token]) -> Iterator[Hit]:
        stems = [t.stem for t in tokens]
        seen: set[tuple[int, int, Target]] = set()
        for i, _stem in enumerate(stems):
            for word in posting_words_at(stems, i):
                candidates = self._postings.get(word, ())
                if len(candidates) > 400:
                    continue
                for target, key in candidates:
                    span = widest(stems, i, key)
                    if (*span, target) in seen:
                        continue
                    seen.add((*span, target))
                    score = self._part_score(stems[span[0] : span[1]], key)
                    if target.kind is Kind.VALUE and not written_in(tokens[span[0] : span[1]], target.name):
                        continue
                    if score >= (0.3 if target.kind is Kind.VALUE else 0.5 if span[1] - span[0] == 1 else 0.38):
                        yield Hit(*span, target, 0.9 * score, "part", "")

    def _part_score(self, said: Sequence[str], key: Key) -> float:
        """Share of the name's information that was said (rare words count more)."""
        if all(is_han(k) for k in key):
            return len(said) / len(key) if len(said) >= 2 else 0.0
        total = sum(self._rarity(w) for w in key)
        return sum(self._rarity(w) for w in said if w in key) / total if total else 0.0

    def _rarity(self, word: str) -> float:
        known = self._parts_cache.get(word)
        if known is None:
            known = 0.25 if word in GENERIC else math.log(1 + self._phrases / (1 + len(self._postings.get(word, ()))))
            self._parts_cache[word] = known
        return known

    # ------------------------------------------------------------------ misspellings
    def vocabulary(self) -> dict[int, list[str]]:
        """Known words by length (for finding what a misspelt one may be)."""
        if self._by_length is None:
            by_length: dict[int, list[str]] = defaultdict(list)
            words = {w for entries in self._exact.values() for entry in entries.values() for w in entry[3]}
            for word in sorted(words):
                if len(word) >= 4 and word.isalpha() and word.isascii():
                    by_length[len(word)].append(word)
            self._by_length = dict(by_length)
        return self._by_length
