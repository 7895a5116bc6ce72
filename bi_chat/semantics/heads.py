"""In: a model. Out: the nouns that figures are called by for short: "premium" is the only column of that head noun.

Example: "the price of X" over a column list_price, "premium by line" over annual_premium. Rule: the head of a number's
name names it, where no other number of the model has that head and nothing is called so outright.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from bi_chat.semantics.forms import GENERIC
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.vocabulary import singular

SHORTEST = 4
SAYS_LITTLE = frozenset(
    "amount total count value quantity number percent rate ratio sum average score level size point unit index".split()
)

Key = tuple[str, str]


def figure_heads(model: SemanticModel, words_of: Callable[[str], tuple[str, ...]]) -> Iterator[tuple[Key, str]]:
    """Dataset and field of each such number, with its noun."""
    heads: dict[str, list[Key]] = defaultdict(list)
    taken = {n.lower() for m in model.metrics for n in (m.name, m.label, *m.synonyms)}
    for dataset in model.datasets:
        taken |= {singular(" ".join(words_of(n)).lower()) for n in (dataset.name, dataset.label, *dataset.synonyms)}
        for field in dataset.fields:
            words = [w.lower() for w in words_of(field.name)]
            taken |= {" ".join(words), *(s.lower() for s in field.synonyms)}
            words = words[:-1] if words[-1].endswith("ed") else words
            if field.kind in ("measure", "number") and len(words) > 1:
                heads[singular(words[-1])].append((dataset.name, field.name))
    for noun, found in heads.items():
        plain = noun.isascii() and len(noun) >= SHORTEST and noun not in SAYS_LITTLE | GENERIC
        if plain and len(found) == 1 and noun not in taken:
            yield found[0], noun
