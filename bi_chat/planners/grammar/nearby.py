"""In: tokens that nothing explains. Out: hits on names whose words are near to them in meaning.

Example: "layouts" where the data have templates. Rule: the nearest words of the model's names stand in for the word,
one after the other; what would then be a name is a hit, as weak as the words are far apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bi_chat.language.meanings import Match, Token
from bi_chat.planners.grammar.lifecycle import STAFF, is_people
from bi_chat.planners.grammar.phrasing import label_of
from bi_chat.planners.grammar.tracing import Trace
from bi_chat.semantics.forms import GENERIC
from bi_chat.semantics.lexicon import Lexicon
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.nearness import nearest
from bi_chat.semantics.targets import Hit, Kind, Target
from bi_chat.semantics.vocabulary import phrase_key, vocabulary
from bi_chat.values.query import Note

SHORTEST = 3
LEAST = 0.38  # cosines below tell nothing
SAME = 0.75  # a word that has synonyms of its own must be as near as they are
BEHIND = 0.15  # a word so much further than the nearest is no rival
NAMED = 0.9
CLIENT = 0.85
CLIENTS = frozenset("customer customers client clients".split())
EXPLAINS = 0.5  # a hit from here on explains a word


def near_hits(
    tokens: Sequence[Token], matches: Iterable[Match], hits: Sequence[Hit], lexicon: Lexicon, ignorable: frozenset[str]
) -> list[Hit]:
    """What words without a meaning here may stand for; none for a word that is an operator, a name or a value."""
    known = {i for i, token in enumerate(tokens) if token.norm in ignorable}
    known |= {i for m in matches for i in range(m.start, m.end)}
    known |= {i for h in hits if h.score >= EXPLAINS for i in range(h.start, h.end)}
    instead = {i: near for i, token in enumerate(tokens) if i not in known and (near := _instead(token, lexicon))}
    if not instead:
        return []
    named = {h.target for h in hits if h.how in ("name", "own") and h.score >= NAMED}
    best = [_put(t, lexicon, instead[i][0][0]) if i in instead else t for i, t in enumerate(tokens)]
    found: dict[tuple[int, int, Target], Hit] = {}
    for at, words in instead.items():
        for word, nearness in words:
            said = [*best[:at], _put(tokens[at], lexicon, word), *best[at + 1 :]]
            for hit in _with(at, nearness, lexicon.without_values.hits(said)):
                if hit.target in named:
                    continue  # two words of one question seldom mean the same field or rows
                weaker = _weakened(hit, nearness, tokens[at].text)
                known_as = found.get((hit.start, hit.end, hit.target))
                if known_as is None or known_as.score < weaker.score:
                    found[hit.start, hit.end, hit.target] = weaker
    return list(found.values())


def client_hits(tokens: Sequence[Token], hits: Sequence[Hit], model: SemanticModel) -> list[Hit]:
    """ "customers" of an insurer are its policy holders: the only people of the data who are no staff, where nothing
    else explains the word."""
    explained = {i for h in hits if h.score >= EXPLAINS for i in range(h.start, h.end)}
    people = [d for d in model.datasets if is_people(d) and not is_people(d, STAFF)]
    if len(people) != 1:
        return []
    said = [i for i, token in enumerate(tokens) if token.norm in CLIENTS and i not in explained]
    target = Target(Kind.DATASET, people[0].name)
    return [Hit(i, i + 1, target, CLIENT, "near", for_word=tokens[i].text) for i in said]


def _weakened(hit: Hit, nearness: float, word: str) -> Hit:
    how = "part" if hit.how == "part" else "near"
    return replace(hit, score=hit.score * (0.5 + 0.35 * nearness), how=how, for_word=word)


def _instead(token: Token, lexicon: Lexicon) -> tuple[tuple[str, float], ...]:
    word = token.norm
    if len(word) < SHORTEST or not (word.isascii() and word.isalpha()):
        return ()
    near = nearest(word, [w for w in lexicon.name_words if w not in GENERIC], most=6)
    found = [(w, score) for w, score in near if score >= (SAME if _another(word, w) else LEAST)][:3]
    return tuple((w, score) for w, score in found if score >= found[0][1] - BEHIND)


def _another(word: str, other: str) -> bool:
    """Students are no teachers: two words that are well known, and not as synonyms."""
    groups = vocabulary().groups_of
    one, two = (groups.get(phrase_key((w,)), ()) for w in (word, other))
    return bool(one) and bool(two) and not set(one) & set(two)


def _put(token: Token, lexicon: Lexicon, word: str) -> Token:
    return replace(token, norm=word, stem=lexicon.stem(word))


def _with(at: int, nearness: float, hits: Iterable[Hit]) -> Iterator[Hit]:
    """Names that hold the word; a figure is not guessed from afar, a value not at all."""
    kinds = (Kind.DATASET, Kind.FIELD, Kind.METRIC) if nearness >= SAME else (Kind.DATASET, Kind.FIELD)
    return (h for h in hits if h.start <= at < h.end and h.target.kind in kinds)


def near_notes(trace: Trace, model: SemanticModel) -> Iterator[Note]:
    """A warning for each word that was read as another."""
    for step in trace.steps:
        if step.choice is not None and step.piece.hits[:1] and step.piece.hits[0].for_word:
            args = (("said", step.piece.text), ("meant", label_of(step.choice.target, model)))
            yield Note("near_word", args, warning=True)
