"""In: a semantic model. Out: its lexicon, built once for all planners."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from bi_chat.language.registry import get as language_of
from bi_chat.semantics.lexicon import Lexicon
from bi_chat.semantics.model import SemanticModel
from bi_chat.semantics.naming import synonyms, words

KEPT = 32  # one for each world under a policy
_kept: OrderedDict[int, tuple[SemanticModel, Lexicon]] = OrderedDict()
_lock = Lock()


def lexicon_of(model: SemanticModel) -> Lexicon:
    """The lexicon of a model (that it is kept here makes its id safe to use as a key)."""
    with _lock:
        found = _kept.get(id(model))
        if found is None:
            found = (model, Lexicon(model, language_of("en").tokenize, general_synonyms=synonyms, words_of=words))
            _kept[id(model)] = found
            if len(_kept) > KEPT:
                _kept.popitem(last=False)
        return found[1]
